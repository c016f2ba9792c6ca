// What this machine can test: `npm test` is the fast lane, `npm run test:long` the long one, `npm run test:all` both, as the
// gate runs them, `npm run test:release` both, with all that is repeated repeated as often as for a release. SQLite always;
// MySQL and MariaDB by a URL in TEST_MYSQL_URL and TEST_MARIADB_URL (a user who may make databases), or by a server binary,
// started on a private port. With TEST_REQUIRE_ALL=1 a skipped suite is a failure. TEST_OTHER_NODE is a second `node`: it runs
// the unit tests once more, e2e on MariaDB in place of the first, and the apps of test/package; for a release, all of e2e.
// What runs where is said by a table in CONTRIBUTING.md. Arguments after the lane go to Jest.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { findServer, startServer } from './support/database-server.mjs';
import { BUDGET, planned, readSuites, suiteOf } from './suites.mjs';

/** Of one run of Jest. */
const LIMIT_MS = 25 * 60_000;
/** A row of the table says what a suite takes on a quiet machine. More than this is said, and fails nothing: disks differ. */
const atMost = (seconds) => 2 * seconds + 30;
const [lane = 'fast', ...jestArguments] = process.argv.slice(2);
const [fast, long, release] = [lane !== 'long', lane !== 'fast', lane === 'release'];
/** How often what is random is repeated, where it is not as often as a suite says by itself. */
const REPEATED = release
  ? {
      TEST_SOAK_SECONDS: '600',
      ATTACK_ROUNDS: '20',
      POWERS_ROUNDS: '50',
      AUDIT_CHANGES: '5000',
      AUDIT_ROWS: '1000000',
      LIMITS_ROUNDS: '30',
      USAGE_SECONDS: '600',
    }
  : {
      TEST_SOAK_SECONDS: '60',
      ATTACK_ROUNDS: '5',
      LIMITS_ROUNDS: '5',
      USAGE_SECONDS: '10',
      ATTACK_OUTAGE_MS: '3000',
      NEW_SECRETS: '50',
      WORKERS_ROUNDS: '15',
      POWERS_ROUNDS: '3',
      FLOOD_SECONDS: '3',
      MANY_USERS_ROUNDS: '0',
    };
const began = Date.now();
const suites = readSuites();
const logs = mkdtempSync(join(tmpdir(), 'latchkey-test-logs-'));
const servers = [];
const skipped = [];
const failed = [];
/** A line of each test that failed, for who sees only the end of what the gate wrote. */
const failedTests = [];
/** Seconds of each suite, and what it ran with. */
const times = [];

async function jest(name, folders, env = {}, node = process.execPath) {
  const from = Date.now();
  const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  args.push('--testSequencer=./test/longest-first.mjs');
  const report = join(logs, `report-${name.replaceAll(/\W+/g, '-')}.json`);
  const child = spawn(node, [...args, ...folders.split(' '), '--json', `--outputFile=${report}`, ...jestArguments], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'test', TEST_LOG_DIR: logs, ...env },
  });
  const chunks = [];
  for (const stream of ['stdout', 'stderr']) {
    child[stream].on('data', (chunk) => (chunks.push(chunk), process[stream].write(chunk)));
  }
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const [code] = await once(child, 'exit');
  clearTimeout(limit);
  if (code !== 0) failed.push(name);
  readReport(name, report);
  const output = Buffer.concat(chunks).toString();
  leaks(`the output of ${name}`, output);
  const count = /^Tests:.* (\d+) skipped/m.exec(output)?.[1];
  if (count) skipped.push(`${count} tests of ${name}`);
  console.log(`--- ${name}: ${code === 0 ? 'passed' : 'FAILED'} in ${Math.round((Date.now() - from) / 1000)} s\n`);
}

function readReport(name, report) {
  if (!existsSync(report)) return void failedTests.push(`${name}: ended without a report (25 minutes are the most)`);
  for (const result of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    const suite = suiteOf(relative('test', result.name));
    times.push({ suite, name, seconds: Math.round((result.endTime - result.startTime) / 1000) });
    if (result.status !== 'failed') continue;
    const tests = result.assertionResults.filter(({ status }) => status === 'failed');
    const all = tests.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join(' ')}`);
    for (const test of all.length > 0 ? all : [result.message])
      failedTests.push(shortened(`${suite} on ${name}: ${test}`));
  }
  rmSync(report);
}

function shortened(text) {
  return stripVTControlCharacters(text)
    .replaceAll(/\s*\n\s*/g, ' | ')
    .slice(0, 600);
}

/** The seconds of each suite, those of the table (one suite may have a row for each engine), and what it ran with. */
function table() {
  const rows = [...new Set(times.map(({ suite }) => suite))].map((suite) => {
    const runs = times.filter((one) => one.suite === suite);
    const expected = suites.filter((row) => row.suite === suite && (release || row.lane !== 'release'));
    return {
      suite,
      took: sum(runs),
      expected: sum(expected),
      names: [...new Set(runs.map(({ name }) => name))].join(', '),
    };
  });
  const line = ({ suite, took, expected, names }) =>
    `${String(took).padStart(5)} s (${String(expected).padStart(4)})  ${suite}  (${names})${took > atMost(expected) ? '  SLOW' : ''}`;
  return `${rows
    .toSorted((a, b) => b.took - a.took)
    .map(line)
    .join('\n')}\nThe gate, by the table: ${planned(suites)} s of ${BUDGET}.`;
}

const sum = (runs) => runs.reduce((total, { seconds }) => total + seconds, 0);

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

/** The suites of that lane which run on that engine; for a release, what may depend on it runs on each. */
function rowsOf(of, { TEST_ENGINE: name }) {
  const isInLane = (row) => row.lane === of || (release && of === 'long' && row.lane === 'release');
  const isOnEngine = ({ suite, engines }) => engines.includes(name) || (release && /^(e2e|long)\//.test(suite));
  const rows = suites.filter((row) => isInLane(row) && isOnEngine(row));
  return [...new Map(rows.map((row) => [row.suite, row])).values()]; // one suite may have a row for each engine
}

const paths = (rows) => rows.map(({ suite }) => `test/${suite}.spec.ts`).join(' ');

/** Runs two of them at once, and then those that may have no other beside them. */
async function run(rows, env, node) {
  const [alone, together] = [true, false].map((is) => rows.filter((row) => row.alone === is));
  if (together.length > 0) {
    const folders = [...new Set(together.map(({ suite }) => dirname(suite)))].join(', ');
    await jest(`${folders} on ${env.TEST_ENGINE}`, `${paths(together)} --maxWorkers=2`, env, node);
  }
  for (const row of alone) await jest(nameOf(row, env), paths([row]), env, node);
}

const nameOf = ({ suite }, { TEST_ENGINE: name }) => `${suite} on ${name}`;

async function fastLane(engines) {
  const from = Date.now();
  const { TEST_OTHER_NODE: other, PATH } = process.env;
  await jest('unit', 'test/unit');
  if (other) await jest('unit, by the other node', 'test/unit', {}, other);
  for (const env of engines.map((one) => ({ ...one, ...REPEATED }))) {
    const rows = rowsOf('fast', env);
    const e2e = rows.filter(({ suite }) => suite.startsWith('e2e/'));
    const byOther = other && (release || env.TEST_ENGINE === 'mariadb');
    if (!byOther || release) await run(e2e, env);
    // The programs that a test starts find it as well.
    if (byOther) await run(e2e, { ...env, PATH: dirname(other) + delimiter + PATH }, other);
    await run(
      rows.filter((row) => !e2e.includes(row)),
      env,
    );
  }
  console.log(`=== The fast lane took ${Math.round((Date.now() - from) / 1000)} s.\n`);
}

async function longLane(engines) {
  const from = Date.now();
  for (const env of engines) await run(rowsOf('long', env), { ...env, ...REPEATED });
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
if (planned(suites) > BUDGET) failed.push('the time of all suites together, in CONTRIBUTING.md');
if (skipped.length > 0 && process.env.TEST_REQUIRE_ALL === '1') failed.push('nothing skipped');
console.log(table());
for (const line of failedTests) console.log(`FAILED: ${line}`);
console.log(
  `${failed.length === 0 ? 'All passed' : `FAILED: ${failed.join('; ')}`} in ${Math.round((Date.now() - began) / 1000)} s.`,
);
console.log(`Skipped: ${skipped.join(', ') || 'nothing'}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
