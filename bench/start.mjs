// Measures how long a start takes that reads the keys used lately, beside reading each when it comes; README.md says how.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { startLatchkey } from './latchkey.mjs';
import { makeUsers, tokenOf } from './many-users.mjs';
import { checkMachine, stop, stopAll } from './processes.mjs';
import { describeMachine, spread } from './report.mjs';
import { commandLine, number, run, say, WARM_UP_SECONDS, WHO } from './rounds.mjs';

const VARIABLES = ['BENCH_START_KEYS', 'BENCH_ROUNDS', 'BENCH_SECONDS', 'BENCH_MYSQL_URL'];
const IN_ROTATION = 50_000;
const results = new URL('results/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'latchkey-start-'));
const headersFile = join(folder, 'headers');
const whole = (value) => Math.round(value).toLocaleString('en');

/** Seconds until a server answers, the keys that it knows then, and what it has asked the database. */
async function measureStart(mysql, env) {
  const queries = async () => {
    const [[row]] = await mysql.query("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'");
    return Number(row.Value);
  };
  const before = await queries();
  const began = performance.now();
  const server = await startLatchkey(env);
  const seconds = (performance.now() - began) / 1000;
  const asked = (await queries()) - before;
  const text = await (await fetch(server.metrics)).text();
  await stop(server.child);
  return { seconds, asked, known: Number(/^latchkey_cached_keys (\d+)$/m.exec(text)[1]) };
}

async function measure(mysql, DATABASE_URL, name, keys, { rounds, seconds }) {
  const created = Date.now() - 86_400_000;
  await makeUsers(mysql, DATABASE_URL, name, keys, created, `${created} + FLOOR(RAND() * 86400000)`);
  const tokens = Array.from({ length: Math.min(keys, IN_ROTATION) }, (_, i) => `Authorization: token ${tokenOf(i)}\n`);
  writeFileSync(headersFile, tokens.join(''));
  const samples = { warm: [], bare: [] };
  for (let nth = 0; nth < rounds; nth++) {
    samples.warm.push(await measureStart(mysql, { DATABASE_URL, CACHE_MAX_KEYS: keys }));
    samples.bare.push(await measureStart(mysql, { DATABASE_URL, CACHE_MAX_KEYS: 0 }));
    say(`${whole(keys)} keys: ${JSON.stringify([samples.warm.at(-1), samples.bare.at(-1)])}`);
  }
  const cold = { ...(await startLatchkey({ DATABASE_URL, CACHE_MAX_KEYS: 0 })), ...WHO, headersFile, tolerant: true };
  await run(cold, WARM_UP_SECONDS);
  const single = await run(cold, seconds);
  await stop(cold.child);
  const median = (of, what) => spread(of.map((sample) => sample[what])).median;
  return {
    keys,
    known: median(samples.warm, 'known'),
    seconds: median(samples.warm, 'seconds') - median(samples.bare, 'seconds'),
    queries: median(samples.warm, 'asked') - median(samples.bare, 'asked'),
    singlesPerSecond: single.perSecond,
  };
}

function toMarkdown({ date, machine, command, sizes }) {
  const line = ({ keys, known, seconds, queries, singlesPerSecond: rate }) =>
    `| ${whole(keys)} | ${whole(known)} | ${seconds.toFixed(1)} | ${whole(queries)} | ${whole(known)} | ${(known / rate).toFixed(1)} | ${(known / rate / seconds).toFixed(1)} |`;
  return [
    `# A start with keys that were used lately, ${date.slice(0, 10)}`,
    '',
    `\`${command}\`: medians. Beside it: the same keys read one by one, at the rate of a server without a memory under full load.`,
    '',
    '| keys in use | known when it is ready | s longer than without | queries | single reads | s | ratio |',
    '|---|---|---|---|---|---|---|',
    ...sizes.map(line),
    '',
    machine,
    '',
  ].join('\n');
}

async function main() {
  checkMachine();
  const { BENCH_MYSQL_URL, BENCH_START_KEYS = '100000,1000000' } = process.env;
  if (!BENCH_MYSQL_URL) throw new Error('BENCH_MYSQL_URL has to be set.');
  const options = { rounds: number('BENCH_ROUNDS', 5), seconds: number('BENCH_SECONDS', 10) };
  const loadBefore = loadavg()[0];
  const mysql = await createConnection(BENCH_MYSQL_URL);
  const name = `latchkey_start_${process.pid}`;
  const url = String(new URL(`/${name}`, BENCH_MYSQL_URL));
  try {
    const [[{ mysqlVersion }]] = await mysql.query('SELECT VERSION() AS mysqlVersion');
    const summary = {
      date: new Date().toISOString(),
      machine: describeMachine({ mysqlVersion, loadBefore }),
      command: commandLine('bench:start', VARIABLES),
      sizes: [],
    };
    for (const keys of BENCH_START_KEYS.split(',').map(Number)) {
      summary.sizes.push(await measure(mysql, url, name, keys, options));
      await mysql.query(`DROP DATABASE ${name}`);
    }
    mkdirSync(results, { recursive: true });
    writeFileSync(new URL('start.json', results), `${JSON.stringify(summary, null, 2)}\n`);
    writeFileSync(new URL('start.md', results), toMarkdown(summary));
    process.stdout.write(toMarkdown(summary));
  } finally {
    await stopAll();
    await mysql.query(`DROP DATABASE IF EXISTS ${name}`);
    await mysql.end();
  }
}

try {
  await main();
} catch (error) {
  say(error.stack);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
