import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { ENGINE, freshDatabase, type TestDatabase } from '../support/app.js';
import { client } from '../support/http.js';
import { environment, latchkey as command, type Result, type Running, startProcess } from '../support/process.js';

/** What a stranger does in the first hour, and what is said. */
/** What does not depend on the engine is tried on one. */
const everything = ENGINE === 'sqlite';

const MAIN = join(process.cwd(), 'dist/main.js');
const CLI = join(process.cwd(), 'dist/cli/main.js');
const BENCH = join(process.cwd(), 'dist/cli/bench.js');

let dir: string;
let database: TestDatabase;
let running: Running | undefined;
let taken: Server;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'latchkey first hour '));
  chmodSync(dir, 0o777);
  database = await freshDatabase();
  await command(['migrate'], { DATABASE_URL: database.url });
  taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
});
afterEach(async () => {
  await running?.end('SIGKILL');
});
afterAll(async () => {
  taken.close();
  await database.remove();
  rmSync(dir, { recursive: true, force: true });
});

interface Way {
  readonly cwd?: string;
  /** Without root's rights, where the test has these. */
  readonly withoutRights?: boolean;
}

async function node(
  args: string[],
  env: Record<string, string>,
  { cwd = dir, withoutRights }: Way = {},
): Promise<Result> {
  // Without its rights, but still the user that may read this checkout, wherever it lies (util-linux).
  const without = withoutRights && user === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : [];
  const [program, ...rest] = [...without, process.execPath, ...args] as [string, ...string[]];
  const options = { cwd, env: environment({ PORT: '0', ...env }) };
  const child = spawn(program, rest, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

type Mistake = [name: string, env: () => Record<string, string>, says: () => string, Way?];

const portOf = (server: Server) => (server.address() as { port: number }).port;
const file = (name: string) => join(dir, name);
const whom = (uid: number) => `see that this user (uid ${uid}) may write to the folder`;
const user = process.getuid?.() ?? 0;
const instead = 'and what is in it, or set DATABASE_URL to another file.';

const OF_THE_DATABASE: Mistake[] =
  ENGINE === 'sqlite'
    ? [
        [
          'a file that is no database',
          () => ({ DATABASE_URL: `sqlite:${file('junk.sqlite')}` }),
          () => `${file('junk.sqlite')}: file is not a database; correct DATABASE_URL, or move that file away.`,
        ],
        [
          'a folder that is a file',
          () => ({ DATABASE_URL: 'sqlite:junk.sqlite/x.sqlite' }),
          () =>
            `${file('junk.sqlite/x.sqlite')}: EEXIST: file already exists, mkdir 'junk.sqlite'; ` +
            `${whom(user)} ${file('junk.sqlite')} ${instead}`,
        ],
        [
          'a folder that may only be read',
          () => ({ DATABASE_URL: `sqlite:${file('read only/x.sqlite')}` }),
          () =>
            `${file('read only/x.sqlite')}: Failed to open database: unable to open database file; ` +
            `${whom(user)} ${file('read only')} ${instead}`,
          { withoutRights: true },
        ],
        [
          'a folder that can not be made',
          () => ({ DATABASE_URL: `sqlite:${file('read only/none/x.sqlite')}` }),
          () =>
            `${file('read only/none/x.sqlite')}: EACCES: permission denied, mkdir '${file('read only/none')}'; ` +
            `${whom(user)} ${file('read only/none')} ${instead}`,
          { withoutRights: true },
        ],
      ]
    : (() => {
        const server = new URL(process.env.TEST_SERVER_URL!);
        const at = (as: string, name: string, host = server.host) => `${ENGINE}://${as}@${host}/${name}`;
        const shown = (as: string, name: string, host = server.host) => at(as, name, host);
        return [
          [
            'a database that is not there',
            () => ({ DATABASE_URL: at('root', 'no`pe') }),
            () =>
              `${shown('root', 'no`pe')}: Unknown database 'no\`pe'; ` +
              'make it with CREATE DATABASE `no``pe`, or correct DATABASE_URL.',
          ],
          [
            'a wrong password',
            () => ({ DATABASE_URL: at('root:hunter2', 'latchkey') }),
            () =>
              `${shown('root', 'latchkey')}: Access denied for user 'root'@'HOST' (using password: YES); ` +
              'correct user and password in DATABASE_URL (an @ in the password is written %40).',
          ],
          [
            'a user without rights',
            () => ({ DATABASE_URL: at('lk_stranger:hunter2', new URL(database.url).pathname.slice(1)) }),
            () => {
              const name = new URL(database.url).pathname.slice(1);
              return (
                `${shown('lk_stranger', name)}: Access denied for user 'lk_stranger'@'HOST' to database '${name}'; ` +
                `let an administrator of the database run GRANT ALL ON \`${name}\`.* TO 'lk_stranger'@'HOST', or correct DATABASE_URL.`
              );
            },
          ],
          [
            'no server',
            () => ({ DATABASE_URL: at('root:hunter2', 'd', '127.0.0.1:1') }),
            () =>
              `${shown('root', 'd', '127.0.0.1:1')}: connect ECONNREFUSED 127.0.0.1:1; ` +
              'start the database, or correct host and port in DATABASE_URL.',
          ],
        ] satisfies Mistake[];
      })();

const OF_A_VARIABLE: Mistake = [
  'a bad variable',
  () => ({ DATABASE_URL: 'postgres://u:hunter2@h/d' }),
  () =>
    'The environment is not right:\n' +
    '  DATABASE_URL: unknown scheme postgres://; expected mysql://…, mariadb://… or sqlite:path',
];

const LOW_PORTS = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
const hasLowPorts = existsSync(LOW_PORTS) && Number(readFileSync(LOW_PORTS, 'utf8')) > 80;

const OF_THE_PORT: Mistake[] = [
  [
    'a port that is taken',
    () => ({ PORT: String(portOf(taken)) }),
    () => `127.0.0.1:${portOf(taken)} is in use by another program (EADDRINUSE); end that, or set PORT to another one.`,
  ],
  [
    'a port for metrics that is taken',
    () => ({ METRICS_PORT: String(portOf(taken)) }),
    () =>
      `127.0.0.1:${portOf(taken)} is in use by another program (EADDRINUSE); ` +
      'end that, or set METRICS_PORT to another one.',
  ],
  [
    'an address of another machine',
    () => ({ HOST: '192.0.2.1', PORT: '8123' }),
    () =>
      "192.0.2.1:8123 can't be listened on (EADDRNOTAVAIL); " +
      'set HOST to an address of this machine, or to 0.0.0.0 for all of them.',
  ],
  ...(hasLowPorts
    ? [
        [
          'a low port',
          () => ({ PORT: '80', DATABASE_URL: `sqlite:${file('low.sqlite')}` }),
          () =>
            '127.0.0.1:80 is not allowed to this user (EACCES); ' +
            'set PORT to 1024 or more, behind a proxy, or give the user CAP_NET_BIND_SERVICE.',
          { withoutRights: true },
        ] satisfies Mistake,
      ]
    : []),
];

/** As MySQL sees where we come from. */
async function onTheServer(sql: string): Promise<void> {
  if (ENGINE === 'sqlite') return;
  const dataSource = new DataSource({ type: 'mysql', url: database.url.replace(/^\w+/, 'mysql') });
  await dataSource.initialize();
  await dataSource.query(sql);
  await dataSource.destroy();
}

const withoutHost = (text: string) => text.replace(/'(root|lk_stranger)'@'[^']+'/g, "'$1'@'HOST'");

describe('a mistake is said in a sentence, with what to do', () => {
  beforeAll(async () => {
    writeFileSync(file('junk.sqlite'), 'x'.repeat(5000));
    mkdirSync(file('read only'), { mode: 0o555 });
    await onTheServer("CREATE USER IF NOT EXISTS 'lk_stranger'@'%' IDENTIFIED BY 'hunter2'");
  });
  afterAll(() => onTheServer("DROP USER 'lk_stranger'@'%'"));

  const starts: [string, string[]][] = [
    ['npm start', [MAIN]],
    ['latchkey start --workers 2', [CLI, 'start', '--workers', '2']],
    ['latchkey migrate', [CLI, 'migrate']],
  ];
  const table = starts.flatMap(([start, args]) =>
    // A primary of workers says what a process alone says: one of these is enough.
    [
      ...OF_THE_DATABASE.slice(0, args.includes('--workers') ? 1 : undefined),
      ...(everything ? [OF_A_VARIABLE] : []),
      ...(everything && !args.includes('migrate') ? OF_THE_PORT : []),
    ].map(([mistake, env, says, way = {}]) => [`${start}: ${mistake}`, args, env, says, way] as const),
  );
  it.each(table)('%s', async (_, args, env, says, way) => {
    const { code, stdout, stderr } = await node(args, { DATABASE_URL: database.url, ...env() }, way);
    expect([code, withoutHost(stderr)]).toEqual([1, `latchkey: ${says()}\n`]);
    // Nothing on the way but lines of the log, and no line of a stack.
    for (const line of stdout.split('\n').filter(Boolean)) expect(JSON.parse(line)).not.toHaveProperty('err');
    expect(stdout + stderr).not.toMatch(/hunter2|\n +at /);
  });

  if (everything)
    it('LOG_LEVEL=debug shows the stack', async () => {
      const { stdout } = await node([MAIN], { DATABASE_URL: 'mysql://root:hunter2@127.0.0.1:1/d', LOG_LEVEL: 'debug' });
      expect(stdout).toMatch(/ECONNREFUSED.*\\n +at /);
      expect(stdout).not.toContain('hunter2');
    });
});

it('several first starts at once all start', async () => {
  const fresh = await freshDatabase();
  const starts = [1, 2, 3].map(() => startProcess({ DATABASE_URL: fresh.url }));
  const all = await Promise.allSettled(starts);
  for (const start of all) if (start.status === 'fulfilled') await start.value.end('SIGKILL');
  await fresh.remove();
  expect(all.map((start) => (start.status === 'fulfilled' ? 'started' : String(start.reason)))).toEqual(
    all.map(() => 'started'),
  );
});

if (everything) {
  describe('.env of the folder', () => {
    const folder = () => mkdtempSync(join(dir, 'with env '));

    it('is read by the server, the command line and bench; the environment wins', async () => {
      const cwd = folder();
      writeFileSync(join(cwd, '.env'), `# ours\nDATABASE_URL=${database.url}\nLOG_LEVEL="loud"\nWORKERS=many\n`);
      for (const args of [[MAIN], [CLI, 'users', 'list'], [BENCH, 'set-admin-password']]) {
        const { code, stderr } = await node(args, {}, { cwd });
        expect([code, stderr]).toEqual([1, expect.stringMatching(/^ {2}WORKERS: .*\n {2}LOG_LEVEL: must be one of/m)]);
      }
      const { code, stdout } = await node([CLI, 'users', 'list'], { LOG_LEVEL: 'info', WORKERS: '1' }, { cwd });
      expect([code, stdout]).toEqual([0, expect.stringContaining('Administrator')]);
      expect(readdirSync(cwd)).toEqual(['.env']); // the database was the one that it names
    });

    it('that can not be read stops the start; a folder of that name does not', async () => {
      const cwd = folder();
      chmodSync(cwd, 0o777);
      writeFileSync(join(cwd, '.env'), '', { mode: 0 });
      const { code, stderr } = await node([CLI, 'keys', 'list'], {}, { cwd, withoutRights: true });
      const remedy = 'make it readable for this user, or move it away';
      expect([code, stderr]).toEqual([1, `latchkey: ${join(cwd, '.env')} can't be read (EACCES); ${remedy}.\n`]);
      rmSync(join(cwd, '.env'));
      mkdirSync(join(cwd, '.env'));
      const env = { DATABASE_URL: database.url };
      expect((await node([CLI, 'users', 'list'], env, { cwd })).code).toBe(0);
    });

    it('is spoken of by --help', async () => {
      expect((await command(['--help'], {})).stdout).toContain('the file .env of this folder');
    });

    it('is nothing to a library in a host', async () => {
      const cwd = folder();
      writeFileSync(join(cwd, '.env'), 'FROM_ENV_FILE=1\n');
      const index = join(process.cwd(), 'dist/index.js');
      const code = `await import(${JSON.stringify(index)}); process.stdout.write(String(process.env.FROM_ENV_FILE))`;
      expect((await node(['--input-type=module', '-e', code], {}, { cwd })).stdout).toBe('undefined');
    });
  });
}

const MORE_PLACES: [string, Record<string, string>][] = [
  ['in production', { NODE_ENV: 'production', MIGRATE_ON_START: 'on' }],
  ['with workers', { HOST: '0.0.0.0', WORKERS: '2' }],
];

describe('where no secret is printed, the start says how to get in', () => {
  it.each([['on all addresses', { HOST: '0.0.0.0' }], ...(everything ? MORE_PLACES : [])])(
    '%s',
    async (_, env: Record<string, string>) => {
      const fresh = await freshDatabase();
      running = await startProcess({ ...env, DATABASE_URL: fresh.url }, dir);
      for (let i = 0; i < 500 && !running.output().includes('no token yet'); i++)
        await once(running.child.stdout!, 'data');
      const lines = running
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{'));
      const said = lines.map((line) => JSON.parse(line).msg).filter((msg) => /Administrator has no|no token/.test(msg));
      const how =
        ENGINE === 'sqlite'
          ? `, where the server runs: DATABASE_URL=${fresh.url} `
          : ', where the server runs and with its DATABASE_URL: ';
      expect(said).toEqual([
        `Administrator has no password. Set one${how}node ${CLI} users password Administrator`,
        `There is no token yet. Make the first${how}node ${CLI} keys generate Administrator`,
      ]);
      expect(running.output()).not.toMatch(/lks_|curl /);

      const generate = `node ${CLI} keys generate Administrator --json`;
      const child = spawn('bash', ['-c', ENGINE === 'sqlite' ? `DATABASE_URL=${fresh.url} ${generate}` : generate], {
        cwd: dir,
        env: environment(ENGINE === 'sqlite' ? {} : { DATABASE_URL: fresh.url }),
      });
      let stdout = '';
      child.stdout.on('data', (chunk) => (stdout += chunk));
      await once(child, 'close');
      const { apiKey, apiSecret } = JSON.parse(stdout);
      const call = client(running.url.replace('0.0.0.0', '127.0.0.1'));
      expect((await call('GET', '/v1/me', { auth: `token ${apiKey}:${apiSecret}` })).status).toBe(200);
      await running.end('SIGKILL');
      await fresh.remove();
    },
  );

  it('says nothing of what there is', async () => {
    const fresh = await freshDatabase();
    await command(['keys', 'generate', 'Administrator'], { DATABASE_URL: fresh.url });
    const env = { DATABASE_URL: fresh.url, HOST: '0.0.0.0', ADMIN_PASSWORD: 'correct horse battery staple' };
    running = await startProcess(env);
    await client(running.url.replace('0.0.0.0', '127.0.0.1'))('GET', '/health/live');
    expect(running.output()).not.toMatch(/no password|no token|horse/);
    await running.end('SIGKILL');
    await fresh.remove();
  });
});
