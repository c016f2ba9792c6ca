import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const BINARY = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx'].find((path) => existsSync(path));

/** False where there is no nginx: its tests are skipped, and the gate counts that. */
export const hasNginx = BINARY !== undefined;

export interface Nginx {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * TLS in front of a server, with a certificate of its own for that name.
 * @param headers what the server gets instead of what the browser has sent; besides those of docs/server.md.
 */
export async function startNginx(upstream: string, name: string, headers: Record<string, string> = {}): Promise<Nginx> {
  const forwarded = {
    Host: '$http_host',
    'X-Forwarded-For': '$proxy_add_x_forwarded_for',
    'X-Forwarded-Proto': '$scheme',
    ...headers,
  };
  const lines = Object.entries(forwarded).map(([header, value]) => `proxy_set_header ${header} "${value}";`);
  const dir = mkdtempSync(join(tmpdir(), 'latchkey-nginx-'));
  const port = await freePort();
  const made = ['-keyout', 'server.key', '-out', 'server.pem', '-subj', `/CN=${name}`, '-days', '2'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...made], { cwd: dir, stdio: 'pipe' });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${kind};`);
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  ${temporary.join('\n  ')}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate server.pem;
    ssl_certificate_key server.key;
    location / {
      proxy_pass ${upstream};
      ${lines.join('\n      ')}
    }
  }
}
`,
  );
  const child = spawn(BINARY!, ['-p', dir, '-e', 'stderr', '-c', 'nginx.conf'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'exit');
  while (!existsSync(join(dir, 'nginx.pid'))) {
    if (child.exitCode !== null) throw new Error(`nginx has ended: ${output}`);
    await delay(10);
  }
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
