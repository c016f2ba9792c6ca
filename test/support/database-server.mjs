// Real database servers for the tests: on a private port of loopback, with a data folder of their own.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The binary of that engine: in PATH, or where system packages put servers. Undefined when there is none. */
export function findServer(engine) {
  const names = engine === 'mysql' ? ['mysqld'] : ['mariadbd', 'mysqld'];
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    '/usr/local/mysql/bin',
  ];
  for (const folder of folders) {
    for (const name of names) {
      const path = join(folder, name);
      if (!existsSync(path)) continue;
      const isMariadb = execFileSync(path, ['--version'], { encoding: 'utf8' }).includes('MariaDB');
      if (isMariadb === (engine === 'mariadb')) return path;
    }
  }
  return undefined;
}

/**
 * Starts a server. `durable`: as in production, so that a kill loses nothing; else as fast as it goes.
 * Its user root has no password, on loopback only.
 */
export async function startServer(engine, binary, { durable = false, options: extra = [] } = {}) {
  const dir = mkdtempSync(join(tmpdir(), `latchkey-${engine}-`));
  const data = join(dir, 'data');
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  if (engine === 'mysql') {
    execFileSync(binary, ['--no-defaults', ...asRoot, `--datadir=${data}`, '--initialize-insecure'], { stdio: 'pipe' });
  } else {
    mkdirSync(data);
    const options = ['--no-defaults', ...asRoot, `--datadir=${data}`, '--auth-root-authentication-method=normal'];
    execFileSync('mariadb-install-db', [...options, '--skip-test-db'], { stdio: 'pipe' });
  }
  const port = await freePort();
  let server;
  const start = async () => {
    const fast = ['--innodb-flush-log-at-trx-commit=0', '--skip-log-bin', '--innodb-doublewrite=OFF'];
    const options = [
      '--no-defaults',
      ...asRoot,
      `--datadir=${data}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${join(dir, 's.sock')}`,
      `--pid-file=${join(dir, 'pid')}`,
      `--log-error=${join(dir, 'log')}`,
      ...(engine === 'mysql' ? ['--mysqlx=OFF'] : []),
      ...(durable ? [] : fast),
      ...extra,
    ];
    server = spawn(binary, options, { stdio: 'ignore' });
    for (let i = 0; i < 600 && !(await accepts(port)); i++) {
      if (server.exitCode !== null) throw new Error(`${engine} ended at its start; see ${join(dir, 'log')}`);
      await delay(50);
    }
  };
  const end = async (signal) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill(signal);
    await once(server, 'exit');
  };
  await start();
  return {
    url: `${engine}://root@127.0.0.1:${port}`,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async remove() {
      await end('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true); // that was the server's greeting
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
