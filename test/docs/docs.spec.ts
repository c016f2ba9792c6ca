// Every command of the README and of docs/, as a newcomer would type it: in order, in a copy of the project, against a
// server that was started as the README says.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AUDIT_EVENTS } from '../../src/audit/events.js';
import { STATUS } from '../../src/latchkey.error.js';
import { client } from '../support/http.js';
import { anchorsOf, linksOf, type Step, stepsOf } from '../support/pages.js';
import { run } from '../support/process.js';
import {
  copyProject,
  fileIn,
  installedEnvironment,
  runScript,
  type Shell,
  type Started,
  startScript,
  userEnvironment,
} from '../support/shell.js';

const PYTHON = process.env.TEST_PYTHON ?? '';
/** The files of a folder and below that end so. */
const filesIn = (folder: string, end: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(end) && !name.includes('node_modules'))
    .map((name) => join(folder, name))
    .toSorted();
const PAGES = ['README.md', ...filesIn('docs', '.md')];
const EVERYWHERE = [...PAGES, 'CONTRIBUTING.md', ...filesIn('examples', '.md')];
const root = mkdtempSync(join(tmpdir(), 'latchkey-docs-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const LISTENING = /"url":"([^"]+)","msg":"listening"/;

/** A text that must have been printed: comments that stand alone in a block show it. */
const printed = (text: string) => [...text.matchAll(/^# (.*)$/gm)].map(([, line]) => line!);
const at = ({ page, line, text }: Step) => `${page}:${line} ${text.split('\n')[0]!.slice(0, 70)}`;

it('says of each block that is not run why', () => {
  const notRun = PAGES.flatMap(stepsOf).filter((step) => step.notRun !== undefined);
  // Who adds one thinks of what checks it instead.
  expect(notRun.map(({ page, notRun: why }) => `${page}: ${why}`)).toEqual([
    'docs/desk.md: it asks for a password',
    'docs/kubernetes.md: needs a cluster',
    'docs/kubernetes.md: needs a cluster',
    'docs/nest.md: needs an app of yours; test/examples installs the packed file into two',
    'docs/server.md: needs systemd',
    "docs/upgrade.md: needs the database's own client",
    'docs/upgrade.md: needs the sqlite3 program',
  ]);
  for (const { text } of notRun) execFileSync('bash', ['-n'], { input: text });
});

it('has blocks of the languages that are checked, and a few that are only to be read', () => {
  const languages = new Set(PAGES.flatMap(stepsOf).map(({ language }) => language));
  expect([...languages].toSorted()).toEqual(['ini', 'nginx', 'python', 'sh', 'sql', 'text', 'ts', 'yaml']);
});

it.each(EVERYWHERE)('%s: every link leads somewhere', (page) => {
  for (const link of linksOf(page)) {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    expect([link, existsSync(target)]).toEqual([link, true]);
    if (anchor !== undefined) expect(anchorsOf(target)).toContain(anchor);
  }
});

it.each(EVERYWHERE)('%s: nothing looks like a key or a secret', (page) => {
  // One table's name is as long as a key's beginning.
  expect(readFileSync(page, 'utf8')).not.toMatch(/lks?_(?!invalidations\b)[0-9A-Za-z]{10}/);
});

it('docs/audit.md has the closed list of events', () => {
  const [, list = ''] = /^## Events$([\s\S]*?)^## /m.exec(readFileSync('docs/audit.md', 'utf8')) ?? [];
  const rows = list.split('\n').filter((line) => line.startsWith('| `'));
  const named = rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`([a-z_.]+)`/g)].map(([, event]) => event));
  expect(named.toSorted()).toEqual(AUDIT_EVENTS.toSorted());
});

describe('docs/troubleshooting.md', () => {
  const page = readFileSync('docs/troubleshooting.md', 'utf8');

  it('has an entry for each code, with its status', () => {
    const entries = [...page.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, code, status]) => [code, Number(status)]);
    expect(Object.fromEntries(entries)).toEqual(STATUS);
  });

  it('quotes what the start really says', () => {
    const [, section] = page.split('## It does not start');
    const quotes = [...section!.matchAll(/^\| `([^`]+)` \|/gm)].map(([, quote]) => quote!);
    expect(quotes).toHaveLength(8);
    const source = [...filesIn('src', '.ts'), ...filesIn('bin', '.js')]
      .map((path) => readFileSync(path, 'utf8'))
      .join();
    for (const quote of quotes) expect(source).toContain(quote);
  });
});

it('ts: every block compiles against the package', () => {
  const dir = join(root, 'types');
  const files = PAGES.flatMap(stepsOf).filter(({ language }) => language === 'ts');
  for (const { page, line, text } of files) fileIn(dir, `${page.replace(/\W/g, '-')}-${line}.ts`, text);
  symlinkSync(join(process.cwd(), 'node_modules'), join(dir, 'node_modules'));
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    types: ['node'],
    paths: { latchkey: [join(process.cwd(), 'dist/index.d.ts')] },
  };
  fileIn(dir, 'package.json', '{"type":"module"}');
  fileIn(dir, 'tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const said = run(process.execPath, [join(process.cwd(), 'node_modules/typescript/bin/tsc'), '-p', dir], {});
  return expect(said).resolves.toMatchObject({ code: 0, stdout: '' });
});

describe('in order', () => {
  let server: Started;
  const started: Started[] = [];
  /** The clone that the README's reader makes, and where the other pages' commands are typed too. */
  let clone: string;
  /** Stand-ins for the placeholders. */
  const live = { administrator: '', manager: '' };
  /** What production runs on. */
  const database = `sqlite:${root}/production.sqlite`;
  /** Installed and built for production, once for all pages that say so in the same words. */
  const installed = new Map<string, Shell>();

  // The README's reader has npm and npx do it.
  const newShell = (cwd: string, page: string): Shell => ({
    cwd,
    env: { ...(page === 'README.md' ? userEnvironment() : installedEnvironment(root)), PORT: '0' },
  });
  const newClone = () => copyProject(join(mkdtempSync(join(root, 'clone-')), 'latchkey'));
  const call = (method: string, path: string, json?: unknown) =>
    client(server.url)(method, path, { auth: `token ${live.manager}`, json });
  const keyOf = async (
    user: string,
  ): Promise<{ apiKey: string; secrets: { id: string; name: string; state: string }[] }> =>
    (await call('GET', `/v1/api-keys?user=${user}`)).json.data[0] ?? { apiKey: '', secrets: [] };

  /** As the reader would fill it in. */
  async function filled({ page, text }: Step): Promise<string> {
    const token = page === 'README.md' ? live.administrator : live.manager;
    const { apiKey, secrets } = await keyOf('user@example.com');
    // Of the rotation that docs/secrets.md has under way.
    const idOf = (wanted: string) => secrets.find(({ name, state }) => name === 'ci' && state === wanted)?.id ?? '';
    return text
      .replaceAll('<new_id>', idOf('live'))
      .replaceAll('<old_id>', idOf('retiring'))
      .replaceAll('<api_key>:<api_secret>', token)
      .replaceAll('token …', `token ${token}`)
      .replaceAll(/<(api_key or )?user>/g, 'user@example.com')
      .replaceAll(/<(other_)?api_key>/g, apiKey)
      .replaceAll('http://127.0.0.1:8000', server.url)
      .replaceAll('mysql://latchkey:password@db:3306/latchkey', database);
  }

  /** What pages take for granted; the README makes it itself. */
  async function prepare(): Promise<void> {
    const user = 'user@example.com';
    await call('POST', '/v1/users', { email: user, fullName: 'A User' });
    await call('PATCH', `/v1/users/${user}`, { enabled: true });
    await call('POST', '/v1/api-keys', { user });
  }

  /** The first start of all. The README goes on with its token; other pages, one of which revokes it, with a manager's. */
  async function firstStart({ text }: Step): Promise<void> {
    clone = newClone();
    server = await startScript(text, newShell(clone, 'README.md'), LISTENING);
    started.push(server);
    for (let token: string | undefined; !live.administrator; live.administrator = token ?? '') {
      token = /token (\S+)' http/.exec(server.output)?.[1];
      await delay(20);
    }
    live.manager = live.administrator;
    const user = 'manager.of.docs@example.com';
    await call('POST', '/v1/users', { email: user, fullName: 'A Manager', roles: ['System Manager'] });
    const { json } = await call('POST', '/v1/api-keys', { user });
    live.manager = `${json.apiKey}:${json.apiSecret}`;
  }

  async function startAndStop(step: Step, shell: Shell): Promise<void> {
    const running = await startScript(await filled(step), shell, LISTENING);
    started.push(running);
    expect((await client(running.url)('GET', '/health/ready')).status).toBe(200);
    await running.stop();
  }

  /** @returns the shell as the block leaves it. */
  async function type(step: Step, shell: Shell): Promise<Shell> {
    const installs = step.text.startsWith('npm ci');
    const before = installs ? installed.get(step.text) : undefined;
    if (before) return before;
    const clean = () => newShell(newClone(), step.page);
    const result = await runScript(await filled(step), installs ? clean() : shell);
    for (const line of printed(step.text)) expect(result.output).toContain(line);
    if (installs) installed.set(step.text, result.shell);
    return result.shell;
  }

  afterAll(async () => {
    for (const running of started) await running.stop();
  });

  const isRun = ({ language, notRun }: Step) => language === 'sh' && notRun === undefined;
  describe.each(PAGES.filter((page) => stepsOf(page).some(isRun)))('%s', (page) => {
    let shell: Shell;
    beforeAll(async () => {
      if (page !== 'README.md') await prepare();
    });

    for (const step of stepsOf(page).filter(isRun)) {
      it(
        at(step),
        async () => {
          if (!server) return firstStart(step);
          shell ??= newShell(clone, page);
          if (step.untilStopped) return startAndStop(step, shell);
          shell = await type(step, shell);
        },
        300_000,
      );
    }

    for (const step of stepsOf(page).filter(({ language }) => language === 'python')) {
      (PYTHON ? it : it.skip)(at(step), async () => {
        const { code, stdout, stderr } = await run(PYTHON, ['-c', await filled(step)], {});
        expect([code, stderr]).toEqual([0, '']);
        expect(stdout).toBe("{'message': 'Administrator'}\n".repeat(2));
      });
    }
  });
});
