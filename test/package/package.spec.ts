import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { basic, client, type Client } from '../support/http.js';

/** What the apps run by: the oldest Node that is supported, where there are two. */
const NODE = process.env.TEST_OTHER_NODE ?? process.execPath;
const APPS = join(process.cwd(), 'test/package/apps');
const root = mkdtempSync(join(tmpdir(), 'latchkey-package-'));
let tarball: string;
/** The folders of what the apps so far have installed. */
const installed: string[] = [];
let files: string[];

beforeAll(() => {
  const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', root], {
    encoding: 'utf8',
  });
  const packed = JSON.parse(output);
  const [result] = Array.isArray(packed) ? packed : Object.values(packed);
  tarball = join(root, result.filename);
  files = result.files.map(({ path }: { path: string }) => path);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('holds the built code, its types and its papers, and nothing else', () => {
  expect(files).toEqual(
    expect.arrayContaining([
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/cli/main.js',
      'bin/latchkey.js',
      'bin/bench.js',
      'dist/cli/bench.js',
    ]),
  );
  const others = files.filter((path) => !/^(dist|bin)\/.*\.(js|d\.ts)$/.test(path));
  expect(others.toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  expect(files.filter((path) => /test|\.env|sqlite$|spec/.test(path))).toEqual([]);
});

it('lists as a peer what a host also has', () => {
  const { peerDependencies, dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  // A host has none of our routes, so that what describes them is no business of its.
  const shared = Object.keys({ ...dependencies, ...peerDependencies }).filter((name) =>
    /^(@nestjs\/(?!swagger$).*|typeorm|passport|reflect-metadata|rxjs)$/.test(name),
  );
  expect(Object.keys(peerDependencies).toSorted()).toEqual(shared.toSorted());
  // One listed twice would be pruned by npm ci --omit=dev.
  expect(Object.keys(peerDependencies).filter((name) => name in devDependencies)).toEqual([]);
});

/** Installs the package into that app, builds and starts it. @returns what it says of itself once it is ready. */
async function startHost(name: string): Promise<{ child: ChildProcess; ready: string }> {
  const dir = join(root, name);
  mkdirSync(dir);
  for (const source of [join(APPS, name, 'main.ts'), join(APPS, 'routes.ts'), join(APPS, 'tsconfig.json')]) {
    cpSync(source, join(dir, source.split('/').at(-1)!));
  }
  const manifest = JSON.parse(readFileSync(join(APPS, name, 'package.json'), 'utf8'));
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  manifest.dependencies.latchkey = `file:${tarball}`;
  manifest.devDependencies = {
    // One app by the TypeScript that most have, the others by the one that is twice as fast.
    typescript: devDependencies[name === 'fastify' ? 'typescript' : 'typescript-7'],
    '@types/node': devDependencies['@types/node'],
  };
  writeFileSync(join(dir, 'package.json'), JSON.stringify(manifest));
  // What the app before has installed need not be unpacked again; npm adds what is missing, and takes away what is not asked for.
  const before = installed.at(-1);
  if (before !== undefined) execFileSync('cp', ['-al', before, join(dir, 'node_modules')]);
  installed.push(join(dir, 'node_modules'));
  const npm = (...args: string[]) => execFileSync('npm', args, { cwd: dir, encoding: 'utf8', stdio: 'pipe' });
  npm('install', '--prefer-offline', '--no-audit', '--no-fund');
  npm('exec', '--no', 'tsc');
  const { PATH, HOME } = process.env;
  const child = spawn(NODE, ['dist/main.js'], {
    cwd: dir,
    env: { PATH, HOME },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ready = await new Promise<string>((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk;
      const line = /^READY (.*)$/m.exec(output);
      if (line) resolve(line[1]!);
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.once('exit', () => reject(new Error(output)));
  });
  return { child, ready };
}

/** What routes that need the scope reports:read, and none, answer to the secrets of the user. */
const REPORTS = {
  'user@example.com': [200, 200],
  'scope reports:read': [200, 403],
  'no scope': [403, 403],
  'network 192.0.2.0/24': [403, 403],
};

const LIMITED = '3 requests in 31 days';

describe.each(['fastify', 'express', 'commonjs', 'jwt'])('in a host: %s', (name) => {
  const dir = join(root, name);
  let child: ChildProcess;
  let call: Client;
  let tokens: Record<'manager@example.com' | 'user@example.com' | keyof typeof REPORTS | typeof LIMITED, string>;

  beforeAll(async () => {
    let ready: string;
    ({ child, ready } = await startHost(name));
    const { url, tokens: made } = JSON.parse(ready);
    call = client(url.replace('[::1]', '127.0.0.1'));
    tokens = made;
  }, 300_000);
  afterAll(() => void child?.kill());

  it('has one copy of what both have', () => {
    for (const shared of ['@nestjs/common', '@nestjs/core', 'typeorm', 'passport', 'rxjs', 'reflect-metadata']) {
      expect(existsSync(join(dir, 'node_modules', shared))).toBe(true);
      expect(existsSync(join(dir, 'node_modules/latchkey/node_modules', shared))).toBe(false);
    }
  });

  it('lets keys in where the guard stands, by both schemes', async () => {
    const pair = tokens['user@example.com'];
    const [apiKey, apiSecret] = pair.split(':') as [string, string];
    for (const auth of [`token ${pair}`, basic(apiKey, apiSecret)]) {
      const { status, json } = await call('GET', '/private', { auth });
      expect(status).toBe(200);
      expect(json).toMatchObject({ name: 'user@example.com', roles: [], credential: { type: 'api-key', apiKey } });
      expect((await call('GET', '/public', { auth })).json).toEqual({ name: 'user@example.com' });
    }
    expect((await call('GET', '/public')).json).toEqual({ name: null });
  });

  it('and nobody else', async () => {
    for (const auth of [undefined, 'token a:b', 'Basic YTpi', 'Bearer x', 'Foo x', '']) {
      const { status, headers } = await call('GET', '/private', { auth });
      expect([auth, status]).toEqual([auth, 401]);
      expect(headers['www-authenticate']).toBe('token realm="latchkey", Basic realm="latchkey", charset="UTF-8"');
      expect(headers['cache-control']).toBe('no-store');
    }
    expect((await call('GET', '/public', { auth: 'token a:b' })).status).toBe(401);
    // Another scheme is not ours to judge.
    expect((await call('GET', '/public', { auth: 'Bearer x' })).json).toEqual({ name: null });
  });

  it('judges roles', async () => {
    const as = (user: keyof typeof tokens) => call('POST', '/manager', { auth: `token ${tokens[user]}` });
    expect((await as('manager@example.com')).json).toEqual({ name: 'manager@example.com' });
    const refused = await as('user@example.com');
    expect([refused.status, refused.json.message]).toEqual([403, 'This needs the role "System Manager".']);
  });

  it('judges scopes, and says which would do', async () => {
    for (const [secret, statuses] of Object.entries(REPORTS)) {
      const auth = `token ${tokens[secret as keyof typeof REPORTS]}`;
      const answers = [await call('GET', '/reports', { auth }), await call('GET', '/private', { auth })];
      expect([secret, answers.map(({ status }) => status)]).toEqual([secret, statuses]);
    }
    const { json, headers } = await call('GET', '/reports', { auth: `token ${tokens['no scope']}` });
    expect(json.message).toBe('This needs a secret with the scope "reports:read".');
    expect(headers['www-authenticate']).toBe(
      'token realm="latchkey", error="insufficient_scope", scope="reports:read"',
    );
  });

  it('judges networks, by the address that the host believes', async () => {
    const trustsItsProxy = ['fastify', 'express'].includes(name);
    const ask = (forwarded: string) =>
      call('GET', '/private', {
        auth: `token ${tokens['network 192.0.2.0/24']}`,
        headers: { 'x-forwarded-for': forwarded },
      });
    const seen = async (forwarded: string) => {
      const { status, json } = await ask(forwarded);
      return status === 200 ? status : json.message;
    };
    const from = (address: string) => `This request came from ${address}, and the secret is not good from there.`;
    const proxy = expect.stringMatching(/^This request came from (::ffff:)?127\.0\.0\.1, and/);
    expect(await seen('192.0.2.7')).toEqual(trustsItsProxy ? 200 : proxy);
    expect(await seen('::ffff:192.0.2.7')).toEqual(trustsItsProxy ? 200 : proxy);
    expect(await seen('192.0.2.7, 198.51.100.7')).toEqual(trustsItsProxy ? from('198.51.100.7') : proxy);
    expect(await seen('unknown')).toEqual(trustsItsProxy ? from('unknown') : proxy);
  });

  it('judges limits, and says what is left', async () => {
    const ask = (path: string) => call('GET', path, { auth: `token ${tokens[LIMITED]}` });
    const answers = [await ask('/private'), await ask('/public'), await ask('/private'), await ask('/private')];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    for (const [i, { headers }] of answers.entries()) {
      expect(headers['ratelimit-policy']).toBe('"3";q=3;w=2678400');
      expect(headers.ratelimit).toMatch(new RegExp(`^"3";r=${Math.max(0, 2 - i)};t=\\d+$`));
    }
    const { json, headers } = answers[3]!;
    expect([json.statusCode, json.message]).toEqual([429, expect.stringContaining('3 requests')]);
    expect(headers['retry-after']).toBe(/t=(\d+)$/.exec(headers.ratelimit as string)![1]);
    expect((await ask('/public')).status).toBe(429);
    expect((await ask('/open')).status).toBe(200);
  });

  it("leaves the host's own routes alone, and brings none", async () => {
    expect((await call('GET', '/open')).json).toEqual({ open: true });
    expect((await call('GET', '/open', { auth: 'token a:b' })).status).toBe(200);
    for (const path of ['/v1/me', '/v1/users', '/api/method/ping', '/health/live', '/']) {
      expect((await call('GET', path, { auth: `token ${tokens['manager@example.com']}` })).status).toBe(404);
    }
  });

  if (name === 'jwt') {
    it('takes a key or a JWT, and a bad one of either is 401', async () => {
      const { jwt } = (await call('GET', '/jwt')).json;
      expect((await call('GET', '/either', { auth: `Bearer ${jwt}` })).json).toEqual({ name: 'jwt@example.com' });
      expect((await call('GET', '/either', { auth: `token ${tokens['user@example.com']}` })).json).toEqual({
        name: 'user@example.com',
      });
      for (const auth of [undefined, `Bearer ${jwt}x`, 'token a:b', 'Basic YTpi', `token ${jwt}`]) {
        expect((await call('GET', '/either', { auth })).status).toBe(401);
      }
    });

    it("judges no limits behind Passport's own guard, whatever comes after it", async () => {
      for (const path of ['/either', '/either/roles']) {
        for (let i = 0; i < 5; i++) {
          const { status, headers } = await call('GET', path, { auth: `token ${tokens[LIMITED]}` });
          expect([status, headers.ratelimit]).toEqual([200, undefined]);
        }
      }
    });
  }
});

describe('in a process with two apps of each kind', () => {
  type App = { name: string; url: string; token: string };
  let child: ChildProcess;
  let apps: { alive: App[]; closed: App[] };

  beforeAll(async () => {
    let ready: string;
    ({ child, ready } = await startHost('two'));
    apps = JSON.parse(ready);
  }, 300_000);
  afterAll(() => void child?.kill());

  it('each knows its own tokens alone, by both schemes', async () => {
    for (const host of apps.alive) {
      const call = client(host.url.replace('[::1]', '127.0.0.1'));
      for (const { name, token } of [...apps.alive, ...apps.closed]) {
        const [apiKey, apiSecret] = token.split(':') as [string, string];
        // Twice, since memory answers from the second time on.
        for (const auth of [`token ${token}`, `token ${token}`, basic(apiKey, apiSecret)]) {
          const { status } = await call('GET', '/private', { auth });
          expect([host.name, name, status]).toEqual([host.name, name, name === host.name ? 200 : 401]);
        }
      }
    }
  });
});
