import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase, type TestDatabase } from '../support/app.js';
import { client } from '../support/http.js';
import { latchkey as command, type Running, startProcess } from '../support/process.js';
import { type Input, random, systematic } from './bad-inputs.js';
import { Random, short } from './bad-values.js';
import { run } from '../../src/cli/run.js';
import { badCommands, fitsProcess } from './bad-commands.js';
import { sendBytes, wireInputs } from './bad-wire.js';
import { complaint, complaintOfCommand, complaintOfFailure } from './judging.js';
import { sender } from './sending.js';
import { knownTargets, type Target, unknownTargets, type World } from './targets.js';

const SEED = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 1e9));
const RANDOM_INPUTS = 6000;
const CONNECTIONS = 16;
/** What a bad request says in `what`, where it is about the fields of a secret. */
const ABOUT_SECRETS =
  /(api-keys|scopes)\S*: "(name|scopes|allowedNetworks|overlapSeconds|expiresAt|limits|description)" is /;
/** Between two of these a good request each. */
const INTERVAL = 40;

let database: TestDatabase;
let running: Running;
let world: World;
let targets: Target[];
let spare: { name: string; apiKey: string; token: string };
const admin = { token: '' };

beforeAll(async () => {
  database = await freshDatabase();
  const env = { DATABASE_URL: database.url, ADMIN_PASSWORD: 'no token is to be printed' };
  running = await startProcess(env);
  const made = await command(['keys', 'generate', 'Administrator', '--json'], env);
  const { apiKey, apiSecret } = JSON.parse(made.stdout);
  admin.token = `token ${apiKey}:${apiSecret}`;
  world = await populate();
  const known = knownTargets(world);
  targets = [...known, ...unknownTargets(routes(), known)];
}, 60_000);
afterAll(async () => {
  await running.end('SIGKILL');
  await database.remove();
});

/** As Administrator; it has to succeed. */
async function good(method: string, path: string, json?: unknown, auth = admin.token) {
  const answer = await client(running.url)(method, path, { auth, json });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.json;
}

async function person(name: string, roles: string[] = []) {
  await good('POST', '/v1/users', { email: name, fullName: 'Some Body', roles });
  const { apiKey, apiSecret, secretId } = await good('POST', '/v1/api-keys', { user: name });
  return { name, apiKey, secretId, token: `token ${apiKey}:${apiSecret}` };
}

async function populate(): Promise<World> {
  await good('POST', '/v1/roles', { name: 'Some Role' });
  const manager = await person('manager@example.com', ['System Manager']);
  const user = await person('user@example.com', ['Some Role']);
  const victim = await person('victim@example.com');
  const [revoked, replaced, disabled, deleted] = [
    await person('revoked@example.com'),
    await person('replaced@example.com'),
    await person('disabled@example.com'),
    await person('deleted@example.com'),
  ];
  await good('DELETE', `/v1/api-keys/${revoked.apiKey}/secrets`);
  await good('POST', `/v1/api-keys/${replaced.apiKey}/secrets`);
  await good('PATCH', `/v1/users/${disabled.name}`, { enabled: false });
  await good('DELETE', `/v1/users/${deleted.name}`);
  spare = await person('spare@example.com');
  return {
    tokens: { manager: manager.token, user: user.token, nobody: undefined },
    dead: [revoked, replaced, disabled, deleted].map(({ token }) => token),
    victim,
    cursors: {
      users: (await good('GET', '/v1/users?limit=2')).nextCursor,
      apiKeys: (await good('GET', '/v1/api-keys?limit=2')).nextCursor,
      secrets: (await good('GET', '/v1/secrets?limit=2')).nextCursor,
    },
  };
}

/** Every route, as the router told of it at the start. */
function routes(): string[] {
  return [...running.output().matchAll(/"Mapped \{(.*?), (.*?)\} route"/g)].map(
    ([, path, method]) => `${method} ${path}`,
  );
}

/** All that the API shows of the database, but for the user whose secrets the good requests replace, and for uses. */
async function everything() {
  const all = async (list: string) => {
    const found: object[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await good('GET', `/v1/${list}?limit=100${cursor && `&cursor=${cursor}`}`);
      found.push(...page.data);
      cursor = page.nextCursor;
    }
    return found.filter((each) => !JSON.stringify(each).includes(spare.name));
  };
  const state = {
    users: await all('users'),
    keys: await all('api-keys'),
    secrets: await all('secrets'),
    scopes: (await good('GET', '/v1/scopes')).data,
    roles: (await good('GET', '/v1/roles')).data,
  };
  return JSON.parse(JSON.stringify(state, (name, value) => (/lastUsed(At|From)$/i.test(name) ? undefined : value)));
}

/** Requests that stay good, one after another. */
async function* goodRequests(): AsyncGenerator<void> {
  for (;;) {
    yield void (await good('GET', '/v1/me', undefined, world.tokens.user));
    yield void (await good('GET', '/v1/users?limit=3', undefined, world.tokens.manager));
    const { apiSecret } = await good('POST', `/v1/api-keys/${spare.apiKey}/secrets`, undefined, world.tokens.manager);
    yield void (await good('GET', '/v1/me', undefined, `token ${spare.apiKey}:${apiSecret}`));
  }
}

/** Sends them all, a few at a time. @returns what was wrong, and how many were sent. */
async function attack(inputs: Iterator<Input>) {
  const { send, close } = sender(running.url, CONNECTIONS);
  const failures: string[] = [];
  const interleaved = goodRequests();
  let sent = 0;
  let cutOff = 0;
  let aboutSecrets = 0;
  const worker = async () => {
    for (let next = inputs.next(); !next.done && failures.length < 30; next = inputs.next()) {
      const input = next.value;
      sent++;
      if (ABOUT_SECRETS.test(input.what)) aboutSecrets++;
      const wrong = await send(input).then(
        (answer) => complaint(input, answer),
        (error: NodeJS.ErrnoException) => (cutOff++, complaintOfFailure(input, error)),
      );
      if (wrong) failures.push(`${wrong} -- ${shown(input)}`);
      if (sent % INTERVAL === 0) await interleaved.next();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  close();
  return { failures, sent, cutOff, aboutSecrets };
}

function shown({ what, method, path, headers, body }: Input): string {
  const said = headers.filter(([name]) => name !== 'Authorization').map(([name, value]) => `${name}: ${short(value)}`);
  return `${what}\n    ${method} ${short(path)} {${said.join('; ')}} ${body === undefined ? '' : short(String(body))}`;
}

function take<T>(source: Iterator<T>, count: number): Iterator<T> {
  let left = count;
  return { next: () => (left-- > 0 ? source.next() : { done: true, value: undefined }) };
}

describe(`bad requests (TEST_SEED=${SEED})`, () => {
  it('go to every route that there is', () => {
    const there = routes();
    expect(there.length).toBeGreaterThan(15);
    // One that is gone, or has another name, is to be changed in targets.ts; one that is new is attacked without it.
    const known = knownTargets(world).map(({ route }) => route);
    expect(known.filter((route) => !there.includes(route))).toEqual([]);
  });

  it('are refused in a helpful sentence, and change nothing', async () => {
    const before = await everything();
    const one = await attack(systematic(targets, world));
    expect(one.failures).toEqual([]);
    const two = await attack(take(random(targets, world, new Random(SEED)), RANDOM_INPUTS));
    expect(two.failures).toEqual([]);
    process.stdout.write(`${one.sent} bad requests one by one, ${two.sent} at random with TEST_SEED=${SEED}\n`);
    expect(one.sent + two.sent).toBeGreaterThan(10_000);
    expect(one.aboutSecrets).toBeGreaterThan(2000);
    expect(one.cutOff + two.cutOff).toBeLessThan((one.sent + two.sent) / 1000); // nearly all of them got an answer
    expect(await everything()).toEqual(before);
  }, 300_000);

  it('that are not even HTTP are refused by the parser, or the connection is closed', async () => {
    const before = await everything();
    const inputs = Object.entries(wireInputs(`Authorization: ${world.tokens.manager}`));
    const failures: string[] = [];
    for (const [what, bytes] of inputs) {
      const statuses = [...(await sendBytes(running.url, bytes)).matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(
        ([, status]) => status!,
      );
      // Node's own answers: 400, 408, 413, 417 and 431; ours, where it was understood all the same.
      if (!statuses.every((status) => /^4\d\d$/.test(status))) failures.push(`${what}: ${statuses.join(', ')}`);
    }
    expect(failures).toEqual([]);
    process.stdout.write(`${inputs.length} connections of bytes that are no request\n`);
    expect(await everything()).toEqual(before);
  }, 60_000);

  it('leave nothing behind in the log but themselves', async () => {
    expect([running.child.exitCode, running.child.signalCode]).toEqual([null, null]);
    const lines = running.output().split('\n').filter(Boolean);
    expect(lines.filter((line) => !line.startsWith('{'))).toEqual([]);
    const levels = lines.map((line) => JSON.parse(line)).filter(({ level }) => level !== 'info' && level !== 'debug');
    // Databases of tests don't keep what they acknowledge, and the server warns of that at its start; and some requests
    // have an X-Forwarded-For.
    expect(levels.filter(({ msg }) => !/crash of the database|X-Forwarded-For/.test(msg))).toEqual([]);
    expect(running.output()).not.toMatch(/lks_|internal error|[Uu]nhandled/);
  });
});

describe('bad commands', () => {
  it('are refused in a sentence, and change nothing', async () => {
    const before = await everything();
    const commands = badCommands(world.victim.name);
    const failures: string[] = [];
    const { DATABASE_URL } = process.env;
    process.env.DATABASE_URL = database.url; // in this process, as a shell would set it
    for (const each of commands) {
      let stdout = '';
      let stderr = '';
      const code = await run([...each.argv], { out: (text) => (stdout += text), err: (text) => (stderr += text) });
      const wrong = complaintOfCommand(each, { code, stdout, stderr });
      if (wrong) failures.push(wrong);
    }
    if (DATABASE_URL === undefined) delete process.env.DATABASE_URL;
    else process.env.DATABASE_URL = DATABASE_URL;
    expect(failures).toEqual([]);
    process.stdout.write(`${commands.length} bad commands\n`);
    expect(commands.length).toBeGreaterThan(1000);
    expect(await everything()).toEqual(before);
  }, 240_000);

  it('are refused by the program as users run it', async () => {
    const before = await everything();
    const source = new Random(SEED);
    const possible = badCommands(world.victim.name).filter(fitsProcess);
    const failures: string[] = [];
    const worker = async () => {
      for (let i = 0; i < 12; i++) {
        const chosen = source.pick(possible);
        const result = await command([...chosen.argv], { DATABASE_URL: database.url });
        const wrong = complaintOfCommand(chosen, result);
        if (wrong) failures.push(wrong);
      }
    };
    await Promise.all([worker(), worker()]);
    expect(failures).toEqual([]);
    expect(await everything()).toEqual(before);
  }, 120_000);
});
