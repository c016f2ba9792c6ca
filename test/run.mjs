// Everything that this machine can test: `npm test`. SQLite always; MySQL and MariaDB by a URL in TEST_MYSQL_URL and
// TEST_MARIADB_URL (a user who may make databases), or by a server binary, started on a private port. With
// TEST_REQUIRE_ALL=1 a skipped suite is a failure. Arguments go to Jest.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServer, startServer } from './support/database-server.mjs';

const SUITE_LIMIT_MS = 8 * 60_000;
const began = Date.now();
const logs = mkdtempSync(join(tmpdir(), 'latchkey-test-logs-'));
const servers = [];
const skipped = [];
const failed = [];

async function jest(name, folder, env = {}) {
  const from = Date.now();
  const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  const child = spawn(process.execPath, [...args, folder, ...process.argv.slice(2)], {
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
  const output = Buffer.concat(chunks).toString();
  leaks(`the output of ${name}`, output);
  const count = /^Tests:.* (\d+) skipped/m.exec(output)?.[1];
  if (count) skipped.push(`${count} tests of ${name}`);
  console.log(`--- ${name}: ${code === 0 ? 'passed' : 'FAILED'} in ${Math.round((Date.now() - from) / 1000)} s\n`);
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

async function engine(name) {
  const given = process.env[`TEST_${name.toUpperCase()}_URL`];
  const binary = findServer(name);
  if (!given && !binary) return void skipped.push(`${name} (no TEST_${name.toUpperCase()}_URL and no server binary)`);
  const server = given ? undefined : await startServer(name, binary);
  if (server) servers.push(server);
  const env = { TEST_ENGINE: name, TEST_SERVER_URL: given ?? server.url, TEST_SERVER_BINARY: binary ?? '' };
  await jest(`e2e on ${name}`, 'test/e2e', env);
}

const python = findPython();
if (python) process.env.TEST_PYTHON = python;
else console.log("No python3 with `requests`: the document's Python programs are skipped.");

try {
  await jest('unit', 'test/unit');
  await jest('e2e on sqlite', 'test/e2e', { TEST_ENGINE: 'sqlite' });
  await engine('mysql');
  await engine('mariadb');
  await jest('package', 'test/package');
  for (const file of readdirSync(logs)) leaks(`the log ${file}`, readFileSync(join(logs, file), 'utf8'));
} finally {
  for (const server of servers) await server.remove();
  rmSync(logs, { recursive: true, force: true });
}
if (skipped.length > 0 && process.env.TEST_REQUIRE_ALL === '1') failed.push('nothing skipped');
console.log(
  `${failed.length === 0 ? 'All passed' : `FAILED: ${failed.join('; ')}`} in ${Math.round((Date.now() - began) / 1000)} s.`,
);
console.log(`Skipped: ${skipped.join(', ') || 'nothing'}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
