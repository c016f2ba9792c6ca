import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { connect } from '../../src/database/data-source.js';
import { engineOf } from '../../src/database/engines/index.js';
import { ENGINE, freshDatabase, type TestDatabase } from '../support/app.js';
import { latchkeyHere as command } from '../support/command.js';
import { latchkey as ownProcess } from '../support/process.js';
import { proxyTo } from '../support/proxy.js';

const dir = mkdtempSync(join(tmpdir(), 'latchkey-check-'));
let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.remove());
afterAll(() => rmSync(dir, { recursive: true }));

interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly message: string;
}

/** What `db check --json` finds, having looked that exit code, stdout and stderr agree. */
async function check(
  url: string,
  env: Record<string, string> = {},
  by: typeof command = command,
): Promise<Record<string, Check>> {
  const { code, stdout, stderr } = await by(['db', 'check', '--json'], { DATABASE_URL: url, ...env });
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
  const problems = checks.filter((one) => !one.ok).length;
  expect([code, ok]).toEqual(problems === 0 ? [0, true] : [1, false]);
  expect(stderr).toMatch(problems === 0 ? /^$/ : /^latchkey: The database has (a problem|\d problems)\.\n$/);
  expect(stdout + stderr).not.toContain('hunter2');
  return Object.fromEntries(checks.map((one) => [one.check, one]));
}

const ORDER =
  ENGINE === 'sqlite'
    ? ['file', 'version', 'schema', 'journal', 'durability', 'content']
    : ['reachable', 'version', 'schema', 'durability', 'session', 'clock'];

it('a database in use is fit, as far as its settings are', async () => {
  await command(['migrate'], { DATABASE_URL: database.url });
  const dataSource = await connect({ url: database.url }, []);
  const unsafe = await engineOf(dataSource).durabilityProblems(dataSource);
  await dataSource.destroy();
  const found = await check(database.url);
  expect(Object.keys(found)).toEqual(ORDER);
  const unfit = Object.values(found).filter(({ ok }) => !ok);
  expect(unfit.map(({ message }) => message)).toEqual(unsafe.length > 0 ? [unsafe.join(' ')] : []);
  expect(found.version!.message).toMatch({ sqlite: /^SQLite 3/, mysql: /^MySQL \d/, mariadb: /^MariaDB \d/ }[ENGINE]);
  const { stdout } = await command(['db', 'check'], { DATABASE_URL: database.url });
  expect(stdout.split('\n').map((line) => line.slice(0, 20).trim())).toEqual([
    ...Object.values(found).map(({ ok, check: name }) => `${(ok ? 'ok' : 'problem').padEnd(9)}${name}`),
    '',
  ]);
});

it('the doctor shows the settings that are often wrong beside what the check of the database finds', async () => {
  await command(['migrate'], { DATABASE_URL: database.url });
  const { stdout: alone } = await command(['db', 'check', '--json'], { DATABASE_URL: database.url });
  const doctor = async (env: Record<string, string>) => {
    const { code, stdout } = await command(['doctor', '--json'], { DATABASE_URL: database.url, ...env });
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: (Check & { note?: true })[] };
    expect([code, ok]).toEqual(ok ? [0, true] : [1, false]);
    expect([ok, checks.slice(5)]).toEqual([JSON.parse(alone).ok, JSON.parse(alone).checks]);
    return Object.fromEntries(checks.slice(0, 5).map((one) => [one.check, one.note ? one.message : 'fine']));
  };
  const file = ENGINE === 'sqlite' ? expect.stringContaining('one node') : 'fine';
  expect(await doctor({})).toEqual({
    NODE_ENV: 'fine',
    HOST: expect.stringContaining('HOST=0.0.0.0'),
    PUBLIC_URL: expect.stringContaining('unset'),
    TRUST_PROXY: expect.stringContaining('The log of the server has a warning'),
    DATABASE_URL: file,
  });
  expect(await doctor({ HOST: '0.0.0.0', PUBLIC_URL: 'http://keys.example.com' })).toMatchObject({
    NODE_ENV: expect.stringContaining('NODE_ENV=production'),
    HOST: 'fine',
    PUBLIC_URL: expect.stringContaining('plain http'),
  });
  expect(
    await doctor({
      NODE_ENV: 'production',
      HOST: '0.0.0.0',
      PUBLIC_URL: 'https://keys.example.com',
      TRUST_PROXY: '10.0.0.0/8',
    }),
  ).toEqual({ NODE_ENV: 'fine', HOST: 'fine', PUBLIC_URL: 'fine', TRUST_PROXY: 'fine', DATABASE_URL: file });
  const { stdout } = await command(['doctor'], { DATABASE_URL: database.url });
  expect(stdout).toMatch(/^note     TRUST_PROXY   unset: /m);
});

it('an empty one lacks its tables, and still does afterwards', async () => {
  if (ENGINE === 'sqlite') writeFileSync(database.url.slice('sqlite:'.length), '');
  const { schema } = await check(database.url);
  expect(schema).toMatchObject({ ok: false, message: expect.stringContaining('run "latchkey migrate"') });
  if (ENGINE === 'sqlite') {
    expect(readFileSync(database.url.slice('sqlite:'.length))).toHaveLength(0);
  } else {
    const dataSource = await connect({ url: database.url }, []);
    expect(await dataSource.query('SHOW TABLES')).toEqual([]);
    await dataSource.destroy();
  }
});

it('a variable that is wrong is said before anything', async () => {
  const { code, stdout, stderr } = await command(['db', 'check'], { DATABASE_URL: 'postgres://u:hunter2@h/d' });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('DATABASE_URL:');
  expect(stderr).not.toContain('hunter2');
});

if (ENGINE === 'sqlite') {
  const file = (name: string) => join(dir, name);

  it('a file that is missing is not made, nor its folder', async () => {
    const { file: found, ...rest } = await check(`sqlite:${file('none/x.sqlite')}`);
    expect([found!.ok, rest]).toEqual([false, {}]);
    expect(found!.message).toContain(`${file('none/x.sqlite')}: there is no such file`);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('what is no database is said to be none', async () => {
    writeFileSync(file('junk.sqlite'), 'x'.repeat(5000));
    mkdirSync(file('folder.sqlite'));
    for (const [name, message] of [
      ['junk.sqlite', 'file is not a database'],
      ['folder.sqlite', 'unable to open'],
    ] as const) {
      const { file: found, ...rest } = await check(`sqlite:${file(name)}`);
      expect([found!.ok, rest]).toEqual([false, {}]);
      expect(found!.message).toContain(message);
    }
  });

  // What has a file open in this process would still hold it.
  it('a file without WAL is a problem, and stays as it is', async () => {
    await ownProcess(['migrate'], { DATABASE_URL: database.url });
    const path = database.url.slice('sqlite:'.length);
    const db = new DatabaseSync(path);
    db.exec('PRAGMA journal_mode = DELETE');
    db.close();
    const before = readFileSync(path);
    const { journal, ...rest } = await check(database.url, {}, ownProcess);
    expect(journal).toMatchObject({ ok: false, message: expect.stringContaining('journal_mode is delete') });
    expect(Object.values(rest).every(({ ok }) => ok)).toBe(true);
    expect(readFileSync(path).equals(before)).toBe(true);
    await ownProcess(['migrate'], { DATABASE_URL: database.url });
    expect((await check(database.url, {}, ownProcess)).journal!.ok).toBe(true);
  });

  it('a damaged file is found out', async () => {
    await ownProcess(['migrate'], { DATABASE_URL: database.url });
    const path = database.url.slice('sqlite:'.length);
    const bytes = readFileSync(path);
    const page = bytes.readUInt16BE(16); // (https://www.sqlite.org/fileformat.html, offset 16)
    bytes.fill(0xff, bytes.length - page, bytes.length);
    writeFileSync(path, bytes);
    const { content } = await check(database.url, {}, ownProcess);
    expect(content).toMatchObject({ ok: false, message: expect.stringContaining('restore a backup') });
  });
} else {
  const { hostname, port } = new URL(process.env.TEST_SERVER_URL!);
  const at = (host: string, as = 'nobody:hunter2') => `${ENGINE}://${as}@${host}/d`;

  it('one that is away, or does not answer, or lets nobody in, is said with what to do', async () => {
    const proxy = await proxyTo({ host: hostname, port: Number(port) });
    proxy.blackHole();
    for (const [url, message] of [
      [at('127.0.0.1:1'), 'ECONNREFUSED 127.0.0.1:1; start the database'],
      [at(`127.0.0.1:${proxy.port}`), 'ETIMEDOUT; see that the host is up'],
      [at(`${hostname}:${port}`), 'correct user and password in DATABASE_URL'],
      [`${process.env.TEST_SERVER_URL}/nope`, 'make it with CREATE DATABASE `nope`'],
    ] as const) {
      const { reachable, ...rest } = await check(url, { DATABASE_CONNECT_TIMEOUT_MS: '500' });
      expect([reachable!.ok, rest]).toEqual([false, {}]);
      expect(reachable!.message).toContain(message);
    }
    await proxy.close();
  });

  it('the scheme of the other engine is a problem', async () => {
    const other = ENGINE === 'mysql' ? 'mariadb' : 'mysql';
    const { version } = await check(database.url.replace(ENGINE, other));
    expect(version).toMatchObject({ ok: false, message: expect.stringContaining(`with ${ENGINE}:// instead of`) });
  });

  it.each([
    [5000, false, 'behind'],
    [-5000, false, 'ahead of'],
    [300, true, 'within 1 s'],
  ])("a clock of this machine that is %i ms ahead of the database's", async (shift, ok, message) => {
    const code = `const now = Date.now; Date.now = () => now() + ${shift}`;
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(code)}`;
    const { clock } = await check(database.url, { NODE_OPTIONS }, ownProcess);
    expect(clock).toMatchObject({ ok, message: expect.stringContaining(message) });
  });
}
