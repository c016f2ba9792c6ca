// Measures how Latchkey does with a million users, a full cache and a day's worth of invalidations; README.md says what, and how.
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { startLatchkey } from './latchkey.mjs';
import { IN_USE, makeUsers, tokenOf } from './many-users.mjs';
import { checkMachine, cpuSeconds, start, stop, stopAll } from './processes.mjs';
import { describeMachine, spread, summarise, tables } from './report.mjs';
import { check, commandLine, interrupted, number, PING, round, run, say, WARM_UP_SECONDS, WHO } from './rounds.mjs';

const VARIABLES = [
  'BENCH_SCALE_KEYS',
  'BENCH_SCALE_INVALIDATIONS',
  'BENCH_ROUNDS',
  'BENCH_SECONDS',
  'BENCH_SCALE_FILLINGS',
  'BENCH_MYSQL_URL',
];
/** Users of the small database, and tokens of the small rotation. */
const FEW = 1000;
const BATCH = 10_000;
const SAMPLE_MS = 20;
/** Of what the server keeps of the invalidations (src/database/invalidations.ts): these, and less than a batch more. */
const KEPT_INVALIDATIONS = 10_000;
const PURGED_AT_ONCE = 1000;
const INVALIDATIONS_AGE_MS = 2 * 60 * 60_000;
/** In less than this when keys were used is written. */
const LAST_USE_MS = 35_000;
const LATE_SECONDS = 0.9;
const GIVE_UP_MS = 15 * 60_000;

const folder = mkdtempSync(join(tmpdir(), 'latchkey-scale-'));
const file = (name) => join(folder, name);
const results = new URL('results/', import.meta.url);
const databases = { small: `latchkey_few_${process.pid}`, large: `latchkey_many_${process.pid}` };
const whole = (value) => Math.round(value).toLocaleString('en');

function writeHeaders(name, count, userOf) {
  writeFileSync(
    file(name),
    Array.from({ length: count }, (_, i) => `Authorization: token ${tokenOf(userOf(i))}\n`).join(''),
  );
}

/** The values of those metrics. */
async function read({ metrics }, ...names) {
  const text = await (await fetch(metrics)).text();
  return names.map((name) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
    ),
  );
}
const CACHED = 'latchkey_cached_keys';
const COLD = 'latchkey_verify_duration_seconds_count{kind="cold"}';
const AGE = 'latchkey_lease_age_seconds';

/** Sends each header of the row once, at least. */
async function askAll(row, count) {
  const enough = (row.sent ?? 0) + count;
  do await run(row, 2);
  while (row.sent < enough);
}

/** What a server needs of the heap, and beside it, after its garbage was collected. */
async function memoryOf(server) {
  for (let i = 0; i < 3; i++) {
    server.child.kill('SIGWINCH');
    await delay(500);
  }
  const [heap, external, rss] = await read(
    server,
    'nodejs_heap_size_used_bytes',
    'nodejs_external_memory_bytes',
    'process_resident_memory_bytes',
  );
  return { bytes: heap + external, rss };
}

async function until(what, isSo, ms = 1000) {
  for (const giveUp = Date.now() + GIVE_UP_MS; !(await isSo()); await delay(ms)) {
    interrupted.signal.throwIfAborted();
    if (Date.now() > giveUp) throw new Error(`Waited in vain for ${what}.`);
  }
}

/** Throughput: rounds of the rows, warm and cold. */
async function measureThroughput(urls, inUse, rounds, seconds) {
  const [few, many] = [`${whole(FEW)} tokens`, `${whole(inUse)} tokens`];
  const warm = (url) => startLatchkey({ DATABASE_URL: url, CACHE_MAX_KEYS: inUse });
  const cold = (url) => startLatchkey({ DATABASE_URL: url, CACHE_MAX_KEYS: 0 });
  const servers = {
    bare: await start('servers/bare.mjs', {}),
    warmSmall: await warm(urls.small),
    warmLarge: await warm(urls.large),
    coldSmall: await cold(urls.small),
    coldLarge: await cold(urls.large),
  };
  const inLarge = (i) => `user${i * IN_USE}@example.com`;
  const rows = [
    { name: 'bare-few', title: `Bare Fastify, ${few}`, server: 'bare', headers: 'few', ...PING },
    { name: 'bare-many', title: `Bare Fastify, ${many}`, server: 'bare', headers: 'many', ...PING },
    { name: 'warm-small', title: `Warm, ${whole(FEW)} users, ${few}`, server: 'warmSmall', headers: 'small', ...WHO },
    { name: 'warm-few', title: `Warm, all users, ${few}`, server: 'warmLarge', headers: 'few', ...WHO, body: inLarge },
    { name: 'warm-many', title: `Warm, all users, ${many}`, server: 'warmLarge', headers: 'many', ...WHO },
    { name: 'cold-small', title: `Cold, ${whole(FEW)} users, ${few}`, server: 'coldSmall', headers: 'small', ...WHO },
    { name: 'cold-few', title: `Cold, all users, ${few}`, server: 'coldLarge', headers: 'few', ...WHO, body: inLarge },
    { name: 'cold-many', title: `Cold, all users, ${many}`, server: 'coldLarge', headers: 'many', ...WHO },
  ].map((row) => ({ ...row, ...servers[row.server], headersFile: file(row.headers), samples: [], tolerant: true }));
  for (const row of rows) if (!row.name.endsWith('-many')) await check(row);
  await round(rows, 0, Math.max(seconds, WARM_UP_SECONDS), false);
  const large = rows.find(({ name }) => name === 'warm-many');
  do await askAll(large, inUse);
  while ((await read(large, CACHED))[0] < inUse);
  const [asked] = await read(large, COLD);
  for (let nth = 1; nth <= rounds; nth++) await round(rows, nth, seconds, true);
  const [after] = await read(large, COLD);
  for (const { child } of Object.values(servers)) await stop(child);
  const ratios = [
    ['warm: tokens in use', 'warm-many', 'warm-small'],
    ['warm: tokens in use, the same server', 'warm-many', 'warm-few'],
    ['cold: users and tokens in use', 'cold-many', 'cold-small'],
    ['cold: users', 'cold-few', 'cold-small'],
    ['what the load itself costs: bare Fastify, tokens', 'bare-many', 'bare-few'],
  ].flatMap(([title, of, by]) => [
    { title, of, by },
    { title: `${title}; CPU a request`, of, by, quantity: 'cpu' },
  ]);
  const failed = rows.flatMap(({ samples }) => samples).reduce((sum, sample) => sum + sample.failed, 0);
  return { ...summarise(rows, ratios), missed: after - asked, failed };
}

/** What a full cache needs more than one of a single key, and what it takes to write the last use of all its keys. */
async function measureMemory(mysql, url, inUse, fillings) {
  const NODE_OPTIONS = `--import=${new URL('servers/gc.mjs', import.meta.url)}`;
  const launch = async (CACHE_MAX_KEYS) => {
    const server = await startLatchkey({ DATABASE_URL: url, CACHE_MAX_KEYS, NODE_OPTIONS });
    await run({ name: 'few', ...server, headersFile: file('few'), ...WHO, tolerant: true }, WARM_UP_SECONDS);
    return server;
  };
  const usedSince = async (from) => {
    const sql = 'SELECT COUNT(*) AS n FROM lk_api_secrets WHERE revoked_at IS NULL AND last_used_at >= ?';
    return (await mysql.query(sql, [from]))[0][0].n;
  };
  const empty = await launch(1);
  await delay(LAST_USE_MS);
  const base = await memoryOf(empty);
  await stop(empty.child);

  const server = await launch(inUse);
  const full = { 'one-role': [], 'five-roles': [] };
  const rowOf = (name) => ({
    name,
    ...server,
    headersFile: file(name === 'one-role' ? 'many' : name),
    ...WHO,
    tolerant: true,
  });
  for (let nth = 0; nth < fillings; nth++) {
    for (const [name, samples] of Object.entries(full)) {
      const began = Date.now();
      do {
        await askAll(rowOf(name), inUse);
        await delay(LAST_USE_MS);
      } while ((await usedSince(began)) < inUse);
      const [cached] = await read(server, CACHED);
      const { bytes, rss } = await memoryOf(server);
      samples.push({ cached, bytesPerKey: (bytes - base.bytes) / cached, rss });
      say(`${name}: ${whole(cached)} keys, ${whole((bytes - base.bytes) / cached)} bytes each`);
    }
  }

  const asked = Date.now();
  await askAll(rowOf('five-roles'), inUse);
  await until('a last use', async () => (await usedSince(asked)) > 0, SAMPLE_MS);
  const [began, cpu] = [Date.now(), cpuSeconds(server.child.pid)];
  await until('the last use of all', async () => (await usedSince(asked)) === inUse, 200);
  const lastUse = { seconds: (Date.now() - began) / 1000, cpu: cpuSeconds(server.child.pid) - cpu };
  await stop(server.child);
  return { base, full, lastUse };
}

/** A day's worth of invalidations, made while a server was frozen, which then catches up and purges them under full load. */
async function measurePurge(mysql, url, count) {
  const server = await startLatchkey({ DATABASE_URL: url });
  const row = { name: 'purge', ...server, headersFile: file('few'), ...WHO, tolerant: true };
  await check({ ...row, body: (i) => `user${i * IN_USE}@example.com` });
  server.child.kill('SIGSTOP');
  const newest = await insertInvalidations(mysql, count).finally(() => server.child.kill('SIGCONT'));
  const awake = Date.now();
  await until('a lease', async () => (await read(server, AGE))[0] < LATE_SECONDS, SAMPLE_MS);
  const caughtUp = (Date.now() - awake) / 1000;

  const [first, last] = [newest - count + 1, newest - KEPT_INVALIDATIONS - PURGED_AT_ONCE + 1];
  const oldest = async () => {
    const [[invalidation]] = await mysql.query('SELECT n FROM lk_invalidations WHERE n >= ? ORDER BY n LIMIT 1', [
      first,
    ]);
    return Number(invalidation.n);
  };
  const ages = { before: [], purging: [] };
  let [phase, answered, failed] = ['before', 0, 0];
  const over = new AbortController();
  const loads = async () => {
    while (!over.signal.aborted) {
      const sample = await run(row, 3);
      answered += sample.requests;
      failed += sample.failed;
    }
  };
  const samples = async () => {
    while (!over.signal.aborted) {
      ages[phase].push(...(await read(server, AGE)));
      await delay(SAMPLE_MS);
    }
  };
  const measure = async () => {
    await until('the purge to begin', async () => (await oldest()) > first, SAMPLE_MS);
    const began = Date.now();
    phase = 'purging';
    await until('the purge to end', async () => (await oldest()) >= last, 100);
    return (Date.now() - began) / 1000;
  };
  const background = Promise.all([loads(), samples()]);
  try {
    const seconds = await Promise.race([measure(), background]);
    const [[{ left }]] = await mysql.query('SELECT COUNT(*) AS `left` FROM lk_invalidations');
    const leaseAge = Object.entries(ages).map(([name, of]) => [name, { samples: of.length, ...spread(of) }]);
    return { invalidations: count, caughtUp, seconds, left, answered, failed, leaseAge: Object.fromEntries(leaseAge) };
  } finally {
    over.abort();
    await background.catch(() => undefined);
    await stop(server.child);
  }
}

/** Invalidations of two hours ago, as the server would have left them: the newest has the number and the tag of the counter. */
async function insertInvalidations(mysql, count) {
  const made = Date.now() - INVALIDATIONS_AGE_MS;
  await mysql.query('START TRANSACTION');
  const [[{ n }]] = await mysql.query('SELECT n FROM lk_revision WHERE id = 1 FOR UPDATE');
  const newest = Number(n) + count;
  for (let from = Number(n) + 1; from <= newest; from += BATCH) {
    const length = Math.min(BATCH, newest - from + 1);
    const invalidations = Array.from({ length }, (_, i) => [from + i, randomUUID(), from + i, made]);
    await mysql.query('INSERT INTO lk_invalidations (n, user_id, tag, made) VALUES ?', [invalidations]);
  }
  await mysql.query('UPDATE lk_revision SET n = ?, tag = ? WHERE id = 1', [newest, newest]);
  await mysql.query('COMMIT');
  return newest;
}

function toMarkdown({
  date,
  machine,
  command,
  rounds,
  seconds,
  users,
  inUse,
  missed,
  failed,
  memory,
  purge,
  ...summary
}) {
  const perKey = (name) => spread(memory.full[name].map(({ bytesPerKey }) => bytesPerKey));
  const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(0);
  const line = (title, name) => {
    const { median, min, max } = perKey(name);
    const rss = Math.max(...memory.full[name].map((sample) => sample.rss));
    return `| ${title} | ${whole(median)} | ${whole(min)} | ${whole(max)} | ${mebibytes(median * inUse)} | ${mebibytes(rss)} |`;
  };
  const age = ([name, of]) => `| ${name} | ${whole(of.samples)} | ${of.median.toFixed(3)} | ${of.max.toFixed(3)} |`;
  return [
    `# Latchkey with ${whole(users)} users, ${date.slice(0, 10)}`,
    '',
    `\`${command}\`: ${rounds} interleaved rounds of ${seconds} s; ${whole(inUse)} of ${whole(users)} keys in use, and \`CACHE_MAX_KEYS=${inUse}\` where it is warm. Medians, with the least and the most; [what is measured](../README.md#scale).`,
    '',
    `${machine}.`,
    '',
    ...tables(summary),
    '',
    `Of the requests of the warm rounds, ${whole(missed)} were not answered from memory. Of all rounds, ${whole(failed)} requests had no good answer within a second.`,
    '',
    '## Memory of a full cache',
    '',
    '| | bytes a key, median | least | most | MiB in all | most RSS, MiB |',
    '|---|---|---|---|---|---|',
    line('users with one role', 'one-role'),
    line('users with five roles', 'five-roles'),
    '',
    `Heap and external memory after a collection, less that of a server that caches one key (RSS ${mebibytes(memory.base.rss)} MiB). The bound is \`CACHE_MAX_KEYS\` keys.`,
    `When ${whole(inUse)} keys were last used is written in ${memory.lastUse.seconds.toFixed(1)} s, in batches, by ${memory.lastUse.cpu.toFixed(2)} s of the server's CPU; at most once in 30 s.`,
    '',
    "## A day's worth of invalidations",
    '',
    `${whole(purge.invalidations)} invalidations of two hours ago, made while the server was frozen: it has a lease again after ${purge.caughtUp.toFixed(2)} s, and purges them in ${purge.seconds.toFixed(1)} s under full load; ${whole(purge.left)} are left. Of ${whole(purge.answered)} requests meanwhile, ${whole(purge.failed)} had no good answer.`,
    '',
    `| lease age in seconds, each ${SAMPLE_MS} ms | samples | median | most (late past ${LATE_SECONDS}) |`,
    '|---|---|---|---|',
    ...Object.entries(purge.leaseAge).map(age),
    '',
  ].join('\n');
}

async function main() {
  checkMachine();
  const { BENCH_MYSQL_URL } = process.env;
  if (!BENCH_MYSQL_URL) throw new Error('BENCH_MYSQL_URL has to be set.');
  const users = number('BENCH_SCALE_KEYS', 1_000_000);
  const [rounds, seconds] = [number('BENCH_ROUNDS', 7), number('BENCH_SECONDS', 5)];
  const [invalidations, fillings] = [number('BENCH_SCALE_INVALIDATIONS', 432_000), number('BENCH_SCALE_FILLINGS', 2)];
  const inUse = users / IN_USE;
  if (!Number.isInteger(inUse) || inUse <= FEW)
    throw new Error('BENCH_SCALE_KEYS has to be a round number above 10000.');
  const loadBefore = loadavg()[0];
  const mysql = await createConnection(BENCH_MYSQL_URL);
  try {
    const [[{ mysqlVersion, pool }]] = await mysql.query(
      'SELECT VERSION() AS mysqlVersion, @@innodb_buffer_pool_size / 1048576 AS pool',
    );
    const urlOf = (name) => String(new URL(`/${name}`, BENCH_MYSQL_URL));
    const urls = { small: urlOf(databases.small), large: urlOf(databases.large) };
    const [began, made] = [Date.now(), Date.now() - INVALIDATIONS_AGE_MS];
    await makeUsers(mysql, urls.small, databases.small, FEW, made);
    await makeUsers(mysql, urls.large, databases.large, users, made);
    say(`Users made in ${whole((Date.now() - began) / 1000)} s.`);
    writeHeaders('small', FEW, (i) => i);
    writeHeaders('few', FEW, (i) => i * IN_USE);
    writeHeaders('many', inUse, (i) => i * IN_USE);
    writeHeaders('five-roles', inUse, (i) => i * IN_USE + 1);

    mkdirSync(results, { recursive: true });
    const write = (ending, text) => writeFileSync(new URL(`scale.${ending}`, results), text);
    const summary = {
      date: new Date().toISOString(),
      machine: describeMachine({ mysqlVersion: `${mysqlVersion} (${whole(pool)} MiB for its pages)`, loadBefore }),
      command: commandLine('bench:scale', VARIABLES),
      rounds,
      seconds,
      users,
      inUse,
    };
    // Each part as soon as it is there: the next takes a while.
    const add = (part) => write('json', `${JSON.stringify(Object.assign(summary, part), null, 2)}\n`);
    add(await measureThroughput(urls, inUse, rounds, seconds));
    add({ purge: await measurePurge(mysql, urls.large, invalidations) });
    add({ memory: await measureMemory(mysql, urls.large, inUse, fillings), loadAfter: loadavg() });
    write('md', toMarkdown(summary));
    process.stdout.write(toMarkdown(summary));
  } finally {
    await stopAll();
    for (const name of Object.values(databases)) await mysql.query(`DROP DATABASE IF EXISTS ${name}`);
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
