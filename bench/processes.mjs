// Servers on one core and the load on another, or both on all.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../test/support/database-server.mjs';

const CONNECTIONS = 32;
/** So that each of two workers has as many. */
const CONNECTIONS_EVERY_CORE = 64;
const START_MS = 60_000;
const STOP_MS = 10_000;

const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));
const execute = promisify(execFile);
const running = [];

/** Throws a sentence that says what this machine lacks. */
export function checkMachine() {
  for (const [program, debian] of Object.entries({ wrk: 'wrk', taskset: 'util-linux' })) {
    if (spawnSync(program, ['--version']).error)
      throw new Error(`The benchmark needs ${program}: apt-get install ${debian}`);
  }
  if (cores().length < 2) throw new Error('The benchmark needs two cores: one for the server, and one for the load.');
}

/** The numbers of the cores that this process may use. */
function cores() {
  const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1];
  return list.split(',').flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/** Runs a program of the folder above to its end, with that environment alone. Returns what it printed. */
export async function runNode(file, args, env) {
  const { PATH, HOME } = process.env;
  const { stdout } = await execute(process.execPath, [pathOf(file), ...args], { env: { PATH, HOME, ...env } });
  return stdout;
}

/** Starts a server on the first core, or on all, and waits until it answers. What it logs is written, to nowhere. */
export async function start(file, env, { everyCore = false } = {}) {
  const { PATH, HOME } = process.env;
  const port = await freePort();
  const nowhere = openSync('/dev/null', 'w');
  const child = spawn('taskset', ['-c', everyCore ? cores().join() : cores()[0], process.execPath, pathOf(file)], {
    env: { PATH, HOME, NODE_ENV: 'production', PORT: port, ...env },
    stdio: ['ignore', nowhere, 'inherit'],
  });
  closeSync(nowhere);
  running.push(child);
  const url = `http://127.0.0.1:${port}`;
  const giveUp = Date.now() + START_MS;
  while (!(await fetch(`${url}/api/method/ping`).catch(() => undefined))?.ok) {
    if (child.exitCode !== null || Date.now() > giveUp) throw new Error(`${file} did not start.`);
    await delay(50);
  }
  return { url, child, everyCore };
}

export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill();
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exit;
  clearTimeout(kill);
}

export const stopAll = () => Promise.all(running.map(stop));

const { stdout: ticksPerSecond } = spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' });

/** Seconds of CPU that all threads of a process and of its workers have used (proc(5): utime and stime). */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const workers = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  const own = (Number(fields[11]) + Number(fields[12])) / Number(ticksPerSecond);
  return workers.reduce((sum, worker) => sum + cpuSeconds(worker), own);
}

/**
 * One run of wrk on the second core, or on all if the server has them; `headersFile` has a header a line, sent in turn
 * from the one after `first` on.
 * @throws when an answer is missing, or has another status than expected, unless `tolerant`.
 */
export async function load({ name, child, everyCore, url, status, headersFile, first, seconds, tolerant }) {
  const [core, connections] = everyCore ? [cores().join(), CONNECTIONS_EVERY_CORE] : [cores()[1], CONNECTIONS];
  const wrk = ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '-s', pathOf('rotate.lua'), url];
  const args = ['-c', core, ...wrk, '--', status, ...(headersFile ? [headersFile, first] : [])];
  const before = cpuSeconds(child.pid);
  const { stdout } = await execute('taskset', args.map(String));
  const cpu = cpuSeconds(child.pid) - before;
  const { requests, seconds: took, p50, p99, unexpected, broken } = JSON.parse(stdout.trim().split('\n').at(-1));
  if ((unexpected + broken > 0 && !tolerant) || requests === 0) {
    throw new Error(
      `${name}: of ${requests} answers ${unexpected} were no ${status}, and ${broken} requests broke off.`,
    );
  }
  return { requests, perSecond: requests / took, cpu: (cpu * 1e6) / requests, p50, p99, failed: unexpected + broken };
}
