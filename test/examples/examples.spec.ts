// The examples, installed, started and called as their own READMEs say.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp, type TestApp, type TestKey } from '../support/app.js';
import { client } from '../support/http.js';
import { type Step, stepsOf } from '../support/pages.js';
import { copyProject, runScript, type Started, startScript, userEnvironment } from '../support/shell.js';

const PYTHON = process.env.TEST_PYTHON ?? '';
const NEST = ['nest-fastify', 'nest-express-key-or-jwt'];
const root = mkdtempSync(join(tmpdir(), 'latchkey-examples-'));
const project = join(root, 'latchkey');
const folder = (name: string) => join(project, 'examples', name);
const manifest = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

beforeAll(() => {
  copyProject(project);
  cpSync('dist', join(project, 'dist'), { recursive: true });
  symlinkSync(join(process.cwd(), 'node_modules'), join(project, 'node_modules'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The commands of an example, less what is not run; test/docs looks at links and placeholders. */
const commandsOf = (name: string) =>
  stepsOf(`examples/${name}/README.md`).filter(({ language, notRun }) => language === 'sh' && notRun === undefined);

async function type({ text }: Step, name: string, fill: Record<string, string>, env = {}): Promise<string> {
  const script = Object.entries(fill).reduce((filled, [from, to]) => filled.replaceAll(from, to), text);
  const { output } = await runScript(script, { cwd: folder(name), env: { ...userEnvironment(), ...env } });
  for (const [, line] of text.matchAll(/^# (.*)$/gm)) expect(output).toContain(line);
  return output;
}

it('are these, and each has been looked at here', () => {
  const folders = readdirSync('examples', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).toSorted()).toEqual([...NEST, 'python', 'curl'].toSorted());
});

it.each(NEST)('%s names the versions that Latchkey itself has', (name) => {
  const { version, ...ours } = manifest('package.json');
  const known = { ...ours.devDependencies, ...ours.dependencies, ...ours.peerDependencies };
  const { dependencies, devDependencies } = manifest(`examples/${name}/package.json`);
  expect(dependencies.latchkey).toBe(`file:../../latchkey-${version}.tgz`);
  for (const [dependency, range] of Object.entries({ ...dependencies, ...devDependencies })) {
    if (dependency in known) expect([dependency, range]).toEqual([dependency, known[dependency]]);
  }
});

describe.each(NEST)('%s', (name) => {
  const [pack, start, ...rest] = commandsOf(name);
  let app: Started;
  let token: string;
  afterAll(() => app?.stop());

  it('is packed, installed and started', async () => {
    // test/docs does "npm ci" in a clone; one package for both will do.
    const packed = readdirSync(project).some((file) => file.endsWith('.tgz'));
    if (!packed)
      await type(pack!, name, { 'npm ci && ': '', 'npm pack': 'npm pack --ignore-scripts' }); // it is built
    // What the first one has installed need not be unpacked again.
    else execFileSync('cp', ['-al', join(folder(NEST[0]!), 'node_modules'), folder(name)]);
    const env = { ...userEnvironment(), PORT: '0' };
    app = await startScript(start!.text, { cwd: folder(name), env }, /^Listening on (\S+)$/m);
  }, 300_000);

  it('does what its README shows', async () => {
    expect(rest).toHaveLength(2);
    const made = await type(rest[0]!, name, {});
    token = /token (lk_\S+)/.exec(made)![1]!;
    await type(rest[1]!, name, { '<api_key>:<api_secret>': token, 'http://127.0.0.1:3000': app.url });
  });

  it('and lets nobody else in', async () => {
    const call = client(app.url);
    const closed = name === 'nest-fastify' ? '/articles/mine' : '/reports';
    for (const auth of [undefined, `token ${token}x`, 'Bearer x']) {
      expect((await call('GET', closed, { auth })).status).toBe(401);
    }
    expect((await call('GET', closed, { auth: `token ${token}` })).status).toBe(200);
    expect((await call('GET', '/v1/me', { auth: `token ${token}` })).status).toBe(404);
  });

  if (name === 'nest-fastify') {
    it('judges roles', async () => {
      expect((await client(app.url)('DELETE', '/articles/1', { auth: `token ${token}` })).status).toBe(403);
      expect((await client(app.url)('POST', '/articles', { json: { title: 'x' } })).status).toBe(401);
    });
  }
});

describe('beside a server', () => {
  let latchkey: TestApp;
  let manager: TestKey;
  beforeAll(async () => {
    latchkey = await startApp();
    manager = await latchkey.key(['System Manager']);
  });
  afterAll(() => latchkey.close());

  const fill = () => ({
    '<api_key>:<api_secret>': `${manager.apiKey}:${manager.apiSecret}`,
    'http://127.0.0.1:8000': latchkey.url,
  });

  it('curl: walks from a new user to a revoked key', async () => {
    const [walk, ...others] = commandsOf('curl');
    expect(others).toEqual([]);
    const output = await type(walk!, 'curl', fill());
    expect(output).not.toMatch(/lks_/);
  });

  it('curl: without a token it says what it wants', async () => {
    await expect(type(commandsOf('curl')[0]!, 'curl', { ...fill(), '<api_key>:<api_secret>': '' })).rejects.toThrow(
      'set it to <api_key>:<api_secret>',
    );
  });

  const withPython = PYTHON ? it : it.skip;

  withPython('python: does what its README shows', async () => {
    const [example, ...others] = commandsOf('python');
    expect(others).toEqual([]);
    const output = await type(example!, 'python', { ...fill(), python3: PYTHON });
    expect(output).not.toMatch(/lks_/);
    expect(output.match(/^refused: /gm)).toHaveLength(2);
  });

  withPython('python: waits while the service is unavailable, and never for a 401', async () => {
    const { createServer } = await import('node:http');
    const seen: number[] = [];
    const answers = [503, 503, 200, 401];
    const server = createServer((_, response) => {
      const status = answers[seen.length]!;
      seen.push(status);
      response.writeHead(status, { 'Retry-After': '0', 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ name: 'somebody', detail: 'no' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const program = `
from latchkey import BadCredentials, Latchkey
somebody = Latchkey("http://127.0.0.1:${port}", "k", "s")
print(somebody.me()["name"])
try:
    somebody.me()
except BadCredentials as refusal:
    print("refused:", refusal)
`;
    const step = { text: `${PYTHON} -c '${program}'\n# somebody\n# refused: no` } as Step;
    await type(step, 'python', {}).finally(() => server.close());
    expect(seen).toEqual(answers);
  });
});
