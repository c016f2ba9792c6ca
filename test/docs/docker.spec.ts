// The Dockerfile without an engine: its steps are done by hand, in order, and what they end with is run. What an engine adds
// (the base image with its Node, the user, layers) is not seen here.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { freshDatabase, type TestDatabase } from '../support/app.js';
import { client } from '../support/http.js';
import { run } from '../support/process.js';
import { copyProject, fileIn, installedEnvironment, type Started, startScript } from '../support/shell.js';

interface Stage {
  /** Its file system. */
  readonly root: string;
  workdir: string;
  readonly env: Record<string, string>;
  user?: string;
  command?: string[];
  healthcheck?: string[];
}

const root = mkdtempSync(join(tmpdir(), 'latchkey-docker-'));
const context = join(root, 'context');
const dockerfile = readFileSync('Dockerfile', 'utf8');
const ignored = readFileSync('.dockerignore', 'utf8').trim().split('\n');

/** What is sent to the engine: the last line that matches decides. Ours name top-level files and folders alone. */
function isSent(name: string): boolean {
  const last = ignored.findLast((pattern) => pattern.replace('!', '') === '*' || pattern.replace('!', '') === name);
  return last === undefined || last.startsWith('!');
}

function copy(stage: Stage, stages: Map<string, Stage>, words: string[]): void {
  const from = /^--from=(.+)$/.exec(words[0]!)?.[1];
  const [target, ...sources] = (from === undefined ? words : words.slice(1)).toReversed();
  for (const source of sources) {
    const origin = from === undefined ? join(context, source) : join(stages.get(from)!.root, source);
    const into = join(stage.root, stage.workdir, target!);
    // A folder's content goes into the target, a file into the folder that ends with a slash.
    const to = !statSync(origin).isDirectory() && target!.endsWith('/') ? join(into, basename(source)) : into;
    cpSync(origin, to, { recursive: true, verbatimSymlinks: true });
  }
}

/** Does what the Dockerfile says. @returns the last stage: the image. */
function build(text: string): Stage {
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  const instructions = text.replace(/^#.*\n/gm, '').replace(/\\\n\s*/g, '');
  for (const line of instructions.split('\n').filter(Boolean)) {
    const [, instruction, rest] = /^([A-Z]+) (.*)$/.exec(line)!;
    const words = rest!.split(/\s+/);
    if (instruction === 'FROM') {
      expect(words[0]).toBe('node:24-slim');
      const name = words[2] ?? 'image';
      stage = { root: join(root, name), workdir: '/', env: {} };
      stages.set(name, stage);
    } else if (instruction === 'WORKDIR') {
      stage!.workdir = rest!;
      mkdirSync(join(stage!.root, rest!), { recursive: true });
    } else if (instruction === 'ENV') {
      for (const [name, value] of words.map((word) => word.split('=') as [string, string])) stage!.env[name] = value;
    } else if (instruction === 'COPY') {
      copy(stage!, stages, words);
    } else if (instruction === 'RUN') {
      const env = { ...installedEnvironment(root), ...stage!.env };
      execFileSync('bash', ['-ec', rest!], { cwd: join(stage!.root, stage!.workdir), env, stdio: 'pipe' });
    } else if (instruction === 'USER') {
      stage!.user = rest!;
    } else if (instruction === 'HEALTHCHECK') {
      stage!.healthcheck = JSON.parse(rest!.slice(rest!.indexOf('CMD ') + 4));
    } else if (instruction === 'CMD') {
      stage!.command = JSON.parse(rest!);
    } else {
      expect(instruction).toBe('EXPOSE');
    }
  }
  return stage!;
}

/** Every file with its size and time: what would change if the program wrote. */
function listing(dir: string): string[] {
  return (readdirSync(dir, { recursive: true, encoding: 'utf8' }) as string[])
    .map((name) => ({ name, ...statSync(join(dir, name), { throwIfNoEntry: false }) }))
    .map(({ name, size, mtimeMs }) => `${name} ${size} ${mtimeMs}`)
    .toSorted();
}

it('is a Dockerfile that its linter likes', async () => {
  const lint = [join(process.cwd(), 'node_modules/dockerfile-utils/bin/dockerfile-utils'), 'lint', 'Dockerfile'];
  expect(await run(process.execPath, lint, {})).toMatchObject({ code: 0, stdout: '' });
});

it('sends the engine what it needs, and nothing else', () => {
  for (const pattern of ignored) expect(pattern).toMatch(/^(\*|![\w.-]+)$/);
  const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, names]) => names!.split(' '));
  expect(
    ignored
      .filter((pattern) => pattern.startsWith('!'))
      .map((pattern) => pattern.slice(1))
      .toSorted(),
  ).toEqual([...new Set(sources)].toSorted());
  for (const name of ['.git', '.env', 'data', 'node_modules', 'dist', 'test']) expect(isSent(name)).toBe(false);
});

describe('built by hand', () => {
  let image: Stage;
  let app: string;
  let database: TestDatabase;
  let server: Started;
  let before: string[];
  const home = join(root, 'home');

  const environment = (more: Record<string, string> = {}) => {
    const { PATH } = process.env;
    return { PATH: PATH!, HOME: home, TMPDIR: home, ...image.env, DATABASE_URL: database.url, ...more };
  };
  const node = (...args: string[]) => {
    const child = spawn(process.execPath, args, { cwd: app, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    return once(child, 'close').then(([code]) => ({ code, output }));
  };

  beforeAll(async () => {
    const whole = copyProject(join(root, 'whole'));
    // What a folder in use has besides.
    for (const folder of ['.git', 'data', 'dist']) fileIn(join(whole, folder), 'stale', 'x');
    fileIn(whole, '.env', 'DATABASE_URL=x');
    mkdirSync(context);
    for (const name of readdirSync(whole).filter(isSent)) {
      cpSync(join(whole, name), join(context, name), { recursive: true });
    }
    image = build(dockerfile);
    app = join(image.root, image.workdir);
    mkdirSync(home);
    database = await freshDatabase();
    before = listing(image.root);
  }, 300_000);
  afterAll(async () => {
    await server?.stop();
    await database?.remove();
    rmSync(root, { recursive: true, force: true });
  });

  it('holds the program, and what it needs', () => {
    expect(readdirSync(app).toSorted()).toEqual(['bin', 'dist', 'node_modules', 'package.json']);
    expect(existsSync(join(app, 'dist/stale'))).toBe(false);
    expect(readdirSync(join(app, 'dist')).filter((name) => /test|spec|tsbuildinfo/.test(name))).toEqual([]);
    expect(image.user).toBe('node');
    expect(image.command![0]).toBe('node');
  });

  it('holds no dependency that only development has, and all others', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { dev?: boolean; devOptional?: boolean; optional?: boolean; peer?: boolean }>;
    };
    const names = Object.entries(packages).filter(([name]) => name !== '');
    const there = (name: string) => existsSync(join(app, name, 'package.json'));
    expect(names.filter(([name, { dev }]) => dev && there(name))).toEqual([]);
    const needed = names.filter(
      ([, { dev, devOptional, optional, peer }]) => !(dev || devOptional || optional || peer),
    );
    expect(needed.filter(([name]) => !there(name))).toEqual([]);
    expect(needed.length).toBeGreaterThan(50);
  });

  it('migrates, makes the first token, and serves', async () => {
    expect(await node('dist/main.js')).toMatchObject({ code: 1, output: expect.stringContaining('latchkey migrate') });
    expect(await node('dist/cli/main.js', 'migrate')).toMatchObject({ code: 0 });
    const { output } = await node('dist/cli/main.js', 'keys', 'generate', 'Administrator');
    const env = environment({ PORT: '0' });
    const command = image.command!.map((word) => `'${word}'`).join(' ');
    server = await startScript(`exec ${command}`, { cwd: app, env }, /"url":"([^"]+)","msg":"listening"/);
    expect(server.output).not.toContain('first start');
    const call = client(server.url.replace('0.0.0.0', '127.0.0.1'));
    for (const path of ['/health/live', '/health/ready']) expect((await call('GET', path)).status).toBe(200);
    const me = await call('GET', '/v1/me', { auth: /token lk_\S+/.exec(output)![0] });
    expect(me.json).toMatchObject({ name: 'Administrator' });
  });

  it('its health check tells a live server from a dead one, and ends in time', async () => {
    const [, ...args] = image.healthcheck!;
    const { port } = new URL(server.url);
    const check = () => run(process.execPath, args, { PORT: port }).then(({ code }) => code);
    expect(await check()).toBe(0);
    await server.stop();
    expect(await check()).toBe(1);
  });

  it('has written nothing: a read-only file system will do', () => {
    expect(listing(image.root)).toEqual(before);
    expect(readdirSync(home)).toEqual([]);
  });
});
