// Measures Latchkey beside what it is compared with; README.md says what is measured, and how.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { fill, startLatchkey } from './latchkey.mjs';
import { plot } from './plot.mjs';
import { checkMachine, start, stopAll } from './processes.mjs';
import { describeMachine, summarise, toMarkdown } from './report.mjs';
import { check, commandLine, number, PING, round, say, WARM_UP_SECONDS, WHO } from './rounds.mjs';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
const file = (name) => join(folder, name);
const results = new URL('results/', import.meta.url);
const mysqlDatabase = `latchkey_bench_${process.pid}`;
const VARIABLES = ['BENCH_ROUNDS', 'BENCH_SECONDS', 'BENCH_USERS', 'BENCH_ONLY', 'BENCH_MYSQL_URL'];

const needsMysql = ({ server }) => server.endsWith('-mysql');

/** Asked by users of that name. */
const who = (name) => ({ ...WHO, body: (i) => `${name}${i}@example.com` });

/** With another user's secret, or with none that anybody has. */
const REFUSED = { ...WHO, status: 401, body: undefined };

/** `server` is named as the row is where nothing else is said; `headers` is the file of headers that it is sent. */
const ROWS = [
  { name: 'bare', title: 'Bare Fastify', ...PING },
  { name: 'bare-together', title: 'Bare Fastify, answers together', ...PING },
  { name: 'ping', title: 'Latchkey, open route', server: 'latchkey', ...PING },
  { name: 'token', title: 'Latchkey, token', server: 'latchkey', headers: 'sqlite.token', ...WHO },
  {
    name: 'limited',
    title: 'Latchkey, ten scopes, three networks',
    server: 'latchkey',
    headers: 'sqlite.limited',
    ...who('limited'),
  },
  {
    name: 'rated',
    title: 'Latchkey, 20,000 requests a second',
    server: 'latchkey',
    headers: 'sqlite.rated',
    ...WHO,
    body: () => 'rated@example.com',
  },
  { name: 'twenty', title: 'Latchkey, twenty secrets', server: 'latchkey', headers: 'sqlite.twenty', ...who('twenty') },
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
  { name: 'bare-1', title: 'Bare Fastify, one worker, every core', ...PING },
  { name: 'bare-2', title: 'Bare Fastify, two workers, every core', ...PING },
  { name: 'workers-1', title: 'Latchkey, one worker, every core', headers: 'sqlite.token', ...WHO },
  { name: 'workers-2', title: 'Latchkey, two workers, every core', headers: 'sqlite.token', ...WHO },
].map((row) => ({ server: row.name, ...row }));

/** How each server is started. */
function serversOf(users, mysqlUrl) {
  const sqliteUrl = `sqlite:${file('latchkey.sqlite')}`;
  const cold = (DATABASE_URL) => startLatchkey({ DATABASE_URL, CACHE_MAX_KEYS: 0 });
  const query = (DATABASE_URL) => start('servers/query.mjs', { DATABASE_URL });
  const bareWorkers = (WORKERS) => start('servers/bare.mjs', { TOGETHER: 'on', WORKERS }, { everyCore: true });
  const workers = (WORKERS) => startLatchkey({ DATABASE_URL: sqliteUrl, WORKERS }, { everyCore: true });
  const peer = (program, name, env) =>
    start(program, { USERS: users, DATABASE_FILE: file(`${name}.db`), HEADERS_FILE: file(name), ...env });
  return {
    bare: () => start('servers/bare.mjs', {}),
    'bare-together': () => start('servers/bare.mjs', { TOGETHER: 'on' }),
    latchkey: () => startLatchkey({ DATABASE_URL: sqliteUrl }),
    'cold-sqlite': () => cold(sqliteUrl),
    'query-sqlite': () => query(sqliteUrl),
    'cold-mysql': () => cold(mysqlUrl),
    'query-mysql': () => query(mysqlUrl),
    'nest-guard': () => peer('servers/nest-guard.mjs', 'nest-guard'),
    'better-auth': () => peer('servers/better-auth.mjs', 'better-auth', { LIMITS: 'off' }),
    'better-auth-limits': () => peer('servers/better-auth.mjs', 'better-auth-limits', { LIMITS: 'on' }),
    'bare-1': () => bareWorkers(1),
    'bare-2': () => bareWorkers(2),
    'workers-1': () => workers(1),
    'workers-2': () => workers(2),
  };
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
    await fill(`sqlite:${file('latchkey.sqlite')}`, users, file('sqlite'), {
      several: rows.some(({ name }) => ['limited', 'rated', 'twenty'].includes(name)),
    });

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
      command: commandLine('bench', VARIABLES),
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
