// What this machine can test: `npm test` is the fast lane, `npm run test:long` the long one, `npm run test:all` both, as the
// gate runs them, `npm run test:release` both, with all that is repeated repeated as often as for a release. SQLite always;
// MySQL and MariaDB by a URL in TEST_MYSQL_URL and TEST_MARIADB_URL (a user who may make databases), or by a server binary,
// started on a private port. With TEST_REQUIRE_ALL=1 a skipped suite is a failure. TEST_OTHER_NODE is a second `node`: it runs
// the unit tests once more, and e2e on SQLite in place of the first, which has the other engines; for a release, both do.
// Arguments after the lane go to Jest. At the end comes a table of all suites and their seconds.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { findServer, startServer } from './support/database-server.mjs';

const SUITE_LIMIT_MS = 15 * 60_000;
const [lane = 'fast', ...jestArguments] = process.argv.slice(2);
const [fast, long, release] = [lane !== 'long', lane !== 'fast', lane === 'release'];
/** How often what is random is repeated, where it is not as often as a suite says by itself. */
const SOAK = { TEST_SOAK_SECONDS: release ? '600' : '90' };
const ATTACKS = { ATTACK_ROUNDS: release ? '20' : '5', POWERS_ROUNDS: release ? '50' : '3' };
const began = Date.now();
const logs = mkdtempSync(join(tmpdir(), 'latchkey-test-logs-'));
const servers = [];
const skipped = [];
const failed = [];
/** Seconds of each suite, and what it ran with. */
const times = [];

async function jest(name, folders, env = {}, node = process.execPath) {
  const from = Date.now();
  const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  const report = join(logs, 'report.json');
  const child = spawn(node, [...args, ...folders.split(' '), '--json', `--outputFile=${report}`, ...jestArguments], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'test', TEST_LOG_DIR: logs, ...env },
  });
  const chunks = [];
  for (const stream of ['stdout', 'stderr']) {
    child[stream].on('data', (chunk) => (chunks.push(chunk), process[stream].write(chunk)));
  }
  const limit = setTimeout(() => child.kill('SIGKILL'), SUITE_LIMIT_MS);
  const [code] = await once(child, 'exit');
  clearTimeout(limit);
  if (code !== 0) failed.push(name);
  timesOf(name, report);
  const output = Buffer.concat(chunks).toString();
  leaks(`the output of ${name}`, output);
  const count = /^Tests:.* (\d+) skipped/m.exec(output)?.[1];
  if (count) skipped.push(`${count} tests of ${name}`);
  console.log(`--- ${name}: ${code === 0 ? 'passed' : 'FAILED'} in ${Math.round((Date.now() - from) / 1000)} s\n`);
}

function timesOf(name, report) {
  if (!existsSync(report)) return; // it ran out of time
  for (const { name: file, startTime, endTime } of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    const suite = relative('test', file).replace('.spec.ts', '');
    times.push({ suite, name, seconds: Math.round((endTime - startTime) / 1000) });
  }
  rmSync(report);
}

function table() {
  const rows = times.toSorted((a, b) => b.seconds - a.seconds);
  return rows.map(({ suite, name, seconds }) => `${String(seconds).padStart(5)} s  ${suite}  (${name})`).join('\n');
}

// Rule 4 of the contract, over all that was written in this run, at level debug.
function leaks(where, text) {
  const found = /lks_[0-9A-Za-z]{49}|authorization["']?\s*[:=]\s*["']?(token|basic) /i.exec(text);
  if (found) failed.push(`no secret in ${where} (…${text.slice(Math.max(0, found.index - 80), found.index)}…)`);
}

/** A Python with `requests`, for the programs of the document that Latchkey implements. */
function findPython() {
  const hasRequests = (python) => spawnSync(python, ['-c', 'import requests'], { stdio: 'ignore' }).status === 0;
  return ['python3', '/usr/bin/python3'].find(hasRequests);
}

/** The environment of tests on that engine; undefined where there is none. */
async function engine(name) {
  if (name === 'sqlite') return { TEST_ENGINE: name };
  const given = process.env[`TEST_${name.toUpperCase()}_URL`];
  const binary = findServer(name);
  if (!given && !binary) return void skipped.push(`${name} (no TEST_${name.toUpperCase()}_URL and no server binary)`);
  const server = given ? undefined : await startServer(name, binary);
  if (server) servers.push(server);
  return { TEST_ENGINE: name, TEST_SERVER_URL: given ?? server.url, TEST_SERVER_BINARY: binary ?? '' };
}

async function fastLane(engines) {
  const from = Date.now();
  const { TEST_OTHER_NODE: other, PATH } = process.env;
  await jest('unit', 'test/unit');
  if (other) await jest('unit, by the other node', 'test/unit', {}, other);
  // Two suites at once, but for the one that counts what its server has been asked.
  const e2e =
    'test/e2e --maxWorkers=2 --testPathIgnorePatterns=e2e/database.spec --testPathIgnorePatterns=node_modules';
  for (const env of engines) {
    const byOther = other && env.TEST_ENGINE === 'sqlite';
    if (!byOther || release) await jest(`e2e on ${env.TEST_ENGINE}`, e2e, env);
    if (byOther) {
      const found = { PATH: dirname(other) + delimiter + PATH }; // by the programs that a test starts
      await jest('e2e on sqlite, by the other node', e2e, { ...env, ...found }, other);
    }
    await jest(`queries on ${env.TEST_ENGINE}`, 'test/e2e/database.spec', env);
  }
  // How the screens look depends on no database.
  for (const [i, env] of engines.slice(0, 2).entries())
    await jest(`the Desk on ${env.TEST_ENGINE}`, i === 0 ? 'test/desk' : 'test/desk/journey test/desk/attacks', env);
  await jest('package, docs and examples', 'test/package test/docs test/examples --maxWorkers=2', engines[0]);
  console.log(`=== The fast lane took ${Math.round((Date.now() - from) / 1000)} s.\n`);
}

async function longLane(engines) {
  const from = Date.now();
  const alone = (suite, env, more = {}) =>
    jest(`${suite} on ${env.TEST_ENGINE}`, `test/long/${suite}`, { ...env, ...more });
  await jest('model', 'test/model');
  // Of the kills, the fast lane has a few.
  const together = release
    ? { sqlite: 'kill bad-input', mysql: 'kill bad-input desk', mariadb: 'kill' }
    : { sqlite: 'bad-input', mysql: 'bad-input desk', mariadb: '' };
  for (const env of engines) {
    await alone('many-users', env); // counts what its server has read
    if (together[env.TEST_ENGINE] === '') continue;
    const suites = together[env.TEST_ENGINE].split(' ').map((suite) => `test/long/${suite}`);
    await jest(`${together[env.TEST_ENGINE]} on ${env.TEST_ENGINE}`, `${suites.join(' ')} --maxWorkers=2`, env);
  }
  // With a database of its own, which it restarts.
  await alone('soak', engines.find((env) => env.TEST_SERVER_BINARY) ?? engines[0], SOAK);
  // Last and alone, since they compare times.
  await alone('log-in', engines[0]);
  await alone('slow-clients', engines[0]);
  await alone('bodies', engines[0]);
  for (const env of engines) {
    await alone('revocation', env, ATTACKS);
    await alone('powers', env, ATTACKS);
  }
  for (const env of engines.slice(0, 2)) {
    await alone('flood', env);
    await alone('callers', env);
  }
  console.log(`=== The long lane took ${Math.round((Date.now() - from) / 1000)} s.\n`);
}

const python = findPython();
if (python) process.env.TEST_PYTHON = python;
else console.log("No python3 with `requests`: the document's Python programs are skipped.");

try {
  const engines = [];
  for (const name of ['sqlite', 'mysql', 'mariadb']) engines.push(await engine(name));
  const here = engines.filter((env) => env !== undefined);
  if (fast) await fastLane(here);
  if (long) await longLane(here);
  for (const file of readdirSync(logs)) leaks(`the log ${file}`, readFileSync(join(logs, file), 'utf8'));
} finally {
  for (const server of servers) await server.remove();
  rmSync(logs, { recursive: true, force: true });
}
if (skipped.length > 0 && process.env.TEST_REQUIRE_ALL === '1') failed.push('nothing skipped');
console.log(table());
console.log(
  `${failed.length === 0 ? 'All passed' : `FAILED: ${failed.join('; ')}`} in ${Math.round((Date.now() - began) / 1000)} s.`,
);
console.log(`Skipped: ${skipped.join(', ') || 'nothing'}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
