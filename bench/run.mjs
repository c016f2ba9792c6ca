// Measures Latchkey beside what it is compared with; README.md says what is measured, and how.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { fill, startLatchkey } from './latchkey.mjs';
import { plot } from './plot.mjs';
import { checkMachine, load, start, stopAll } from './processes.mjs';
import { describeMachine, summarise, toMarkdown } from './report.mjs';

/** In its first seconds, before V8 has compiled what is hot, a server takes twice as long. */
const WARM_UP_SECONDS = 5;
/** Before each run: in its first second after others had the core, a server takes up to half as long again. */
const LEAD_IN_SECONDS = 1;

const number = (name, fallback) => {
  const value = Number(process.env[name] || fallback);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} has to be a whole number from 1 on.`);
  return value;
};

const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
const file = (name) => join(folder, name);
const results = new URL('results/', import.meta.url);
const mysqlDatabase = `latchkey_bench_${process.pid}`;
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupted.abort(new Error('Interrupted.')));

const say = (text) => process.stderr.write(`${text}\n`);
const needsMysql = ({ server }) => server.endsWith('-mysql');

/** An open method, one that needs a credential, and their answers. */
const PING = { path: '/api/method/ping', status: 200, body: () => 'pong' };
const WHO = { path: '/api/method/frappe.auth.get_logged_user', status: 200, body: (i) => `user${i}@example.com` };
const REFUSED = { ...WHO, status: 401, body: undefined };

/** `server` is named as the row is where nothing else is said; `headers` is the file of headers that it is sent. */
const ROWS = [
  { name: 'bare', title: 'Bare Fastify', ...PING },
  { name: 'ping', title: 'Latchkey, open route', server: 'latchkey', ...PING },
  { name: 'token', title: 'Latchkey, token', server: 'latchkey', headers: 'sqlite.token', ...WHO },
  { name: 'basic', title: 'Latchkey, Basic', server: 'latchkey', headers: 'sqlite.basic', ...WHO },
  { name: 'wrong', title: 'Latchkey, wrong secret', server: 'latchkey', headers: 'sqlite.wrong', ...REFUSED },
  { name: 'unknown', title: 'Latchkey, unknown key', server: 'latchkey', headers: 'sqlite.unknown', ...REFUSED },
  { name: 'cold-sqlite', title: 'Latchkey, cold, SQLite', headers: 'sqlite.token', ...WHO },
  { name: 'query-sqlite', title: 'Fastify + same query, SQLite', headers: 'sqlite.token', ...WHO },
  { name: 'cold-mysql', title: 'Latchkey, cold, MySQL', headers: 'mysql.token', ...WHO },
  { name: 'query-mysql', title: 'Fastify + same query, MySQL', headers: 'mysql.token', ...WHO },
  { name: 'nest-guard', title: 'Nest guard, findOne, SQLite', headers: 'nest-guard', ...WHO },
  { name: 'better-auth', title: 'better-auth, limits off', headers: 'better-auth', ...WHO },
  { name: 'better-auth-limits', title: 'better-auth, limits on, raised', headers: 'better-auth-limits', ...WHO },
].map((row) => ({ server: row.name, ...row }));

/** How each server is started. */
function serversOf(users, mysqlUrl) {
  const sqliteUrl = `sqlite:${file('latchkey.sqlite')}`;
  const cold = (DATABASE_URL) => startLatchkey({ DATABASE_URL, CACHE_MAX_KEYS: 0 });
  const query = (DATABASE_URL) => start('servers/query.mjs', { DATABASE_URL });
  const peer = (program, name, env) =>
    start(program, { USERS: users, DATABASE_FILE: file(`${name}.db`), HEADERS_FILE: file(name), ...env });
  return {
    bare: () => start('servers/bare.mjs', {}),
    latchkey: () => startLatchkey({ DATABASE_URL: sqliteUrl }),
    'cold-sqlite': () => cold(sqliteUrl),
    'query-sqlite': () => query(sqliteUrl),
    'cold-mysql': () => cold(mysqlUrl),
    'query-mysql': () => query(mysqlUrl),
    'nest-guard': () => peer('servers/nest-guard.mjs', 'nest-guard'),
    'better-auth': () => peer('servers/better-auth.mjs', 'better-auth', { LIMITS: 'off' }),
    'better-auth-limits': () => peer('servers/better-auth.mjs', 'better-auth-limits', { LIMITS: 'on' }),
  };
}

/** Sends each header of the row once: the answer has to be the one that is expected. Fills caches, too. */
async function check({ name, path, status, body, headersFile, url }) {
  const lines = headersFile ? readFileSync(headersFile, 'utf8').trim().split('\n') : [undefined];
  for (const [i, line] of lines.entries()) {
    const response = await fetch(url + path, { headers: line ? [line.split(': ')] : [] });
    const text = await response.text();
    if (response.status !== status || (body && JSON.parse(text).message !== body(i))) {
      throw new Error(`${name}: request ${i} was answered with ${response.status} ${text}`);
    }
  }
}

/** One run of each row; back and forth, so that a machine that becomes slower or faster favours no row. */
async function round(rows, nth, seconds, keep) {
  for (const row of nth % 2 ? rows : rows.toReversed()) {
    interrupted.signal.throwIfAborted();
    const target = { ...row, url: row.url + row.path };
    if (keep) await load({ ...target, seconds: LEAD_IN_SECONDS });
    const sample = await load({ ...target, seconds });
    if (keep) row.samples.push(sample);
    say(`${keep ? `Round ${nth}` : 'Warming up'}: ${row.title}: ${Math.round(sample.perSecond)} a second`);
  }
}

/** The rows that are wanted, and those of them that can't be had. */
function chooseRows({ BENCH_ONLY, BENCH_MYSQL_URL }) {
  const names = ROWS.map(({ name }) => name);
  const only = BENCH_ONLY ? BENCH_ONLY.split(',') : names;
  const strange = only.filter((name) => !names.includes(name));
  if (strange.length > 0) throw new Error(`BENCH_ONLY: no ${strange.join(', ')}; there are ${names.join(', ')}.`);
  const wanted = ROWS.filter(({ name }) => only.includes(name));
  const skipped = BENCH_MYSQL_URL ? [] : wanted.filter(needsMysql);
  return { rows: wanted.filter((row) => !skipped.includes(row)), skipped };
}

/** What was asked for; a URL may hold a password. */
function commandLine() {
  const parts = ['BENCH_ROUNDS', 'BENCH_SECONDS', 'BENCH_USERS', 'BENCH_ONLY', 'BENCH_MYSQL_URL']
    .filter((name) => process.env[name])
    .map((name) => `${name}=${name === 'BENCH_MYSQL_URL' ? 'mysql://…' : process.env[name]}`);
  return [...parts, 'npm run bench'].join(' ');
}

async function main() {
  checkMachine();
  const [rounds, seconds, users] = [number('BENCH_ROUNDS', 7), number('BENCH_SECONDS', 3), number('BENCH_USERS', 1000)];
  const { BENCH_MYSQL_URL } = process.env;
  const { rows, skipped } = chooseRows(process.env);
  const loadBefore = loadavg()[0];
  let mysql;
  let mysqlUrl;
  let mysqlVersion;
  try {
    say(`Making ${users} users …`);
    if (rows.some(needsMysql)) {
      mysql = await createConnection(BENCH_MYSQL_URL);
      [[{ mysqlVersion }]] = await mysql.query('SELECT VERSION() AS mysqlVersion');
      await mysql.query(`CREATE DATABASE ${mysqlDatabase}`);
      mysqlUrl = String(new URL(`/${mysqlDatabase}`, BENCH_MYSQL_URL));
      await fill(mysqlUrl, users, file('mysql'));
    }
    await fill(`sqlite:${file('latchkey.sqlite')}`, users, file('sqlite'));

    const starts = serversOf(users, mysqlUrl);
    const started = {};
    for (const row of rows) {
      started[row.server] ??= await starts[row.server]();
      Object.assign(row, started[row.server], { headersFile: row.headers && file(row.headers), samples: [] });
      await check(row);
    }
    await round(rows, 0, Math.max(seconds, WARM_UP_SECONDS), false);
    for (let nth = 1; nth <= rounds; nth++) await round(rows, nth, seconds, true);

    const summary = {
      date: new Date().toISOString(),
      machine: describeMachine({ mysqlVersion, loadBefore }),
      command: commandLine(),
      rounds,
      seconds,
      users,
      ...summarise(rows),
      skipped: skipped.map(({ name, title }) => ({ name, title, why: 'BENCH_MYSQL_URL is not set' })),
    };
    // A part is not written over the whole.
    const name = process.env.BENCH_ONLY ? 'partial' : 'latest';
    mkdirSync(results, { recursive: true });
    const write = (ending, text) => writeFileSync(new URL(`${name}.${ending}`, results), text);
    write('json', `${JSON.stringify(summary, null, 2)}\n`);
    write('svg', plot(summary));
    write('md', toMarkdown(summary, `${name}.svg`));
    process.stdout.write(toMarkdown(summary, `${name}.svg`));
  } finally {
    await stopAll();
    await mysql?.query(`DROP DATABASE IF EXISTS ${mysqlDatabase}`);
    await mysql?.end();
  }
}

try {
  await main();
} catch ({ message }) {
  say(message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
