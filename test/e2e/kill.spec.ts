import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { ENGINE, freshDatabase, startApp, type TestDatabase } from '../support/app.js';
import { type Engine, type Server, startServer } from '../support/database-server.mjs';
import { client } from '../support/http.js';
import { latchkey as command, startProcess } from '../support/process.js';

const USERS = 8;
const ROUNDS = 3;

let server: Server | undefined;
let database: TestDatabase;

/** With a binary at hand the database server is killed too, with the settings of production; a given one is spared. */
beforeAll(async () => {
  const binary = process.env.TEST_SERVER_BINARY;
  if (ENGINE !== 'sqlite' && binary) server = await startServer(ENGINE as Engine, binary, { durable: true });
  database = await freshDatabase(server?.url);
}, 120_000);
afterAll(async () => {
  if (server) await server.remove();
  else await database.remove();
});

/** What the last acknowledged answer about a user said, and whether a later call was under way. */
interface Known {
  readonly name: string;
  apiKey: string;
  /** Undefined: revoked. */
  secret?: string;
  old: string[];
  pending: boolean;
}

it('kill -9 in a stream of generations and revocations loses nothing that was acknowledged', async () => {
  const env = { DATABASE_URL: database.url };
  const { apiKey, apiSecret } = JSON.parse(
    (await command(['keys', 'generate', 'Administrator', '--json'], env)).stdout,
  );
  const auth = `token ${apiKey}:${apiSecret}`;
  let acknowledged = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const running = await startProcess(env);
    const call = client(running.url);
    const users: Known[] = [];
    for (let i = 0; i < USERS; i++) {
      const name = `kill.${round}.${i}@example.com`;
      await call('POST', '/v1/users', { auth, json: { email: name, fullName: 'K' } });
      const { json } = await call('POST', '/v1/api-keys', { auth, json: { user: name } });
      users.push({ name, apiKey: json.apiKey, secret: json.apiSecret, old: [], pending: false });
    }
    const kill = { done: false };
    const stream = async (user: Known) => {
      for (let turn = 0; !kill.done; turn++) {
        user.pending = true;
        const path = `/v1/api-keys/${user.apiKey}/secrets`;
        const answer = await call(turn % 3 === 2 ? 'DELETE' : 'POST', path, { auth }).catch(() => undefined);
        if (answer?.status !== 201 && answer?.status !== 204) return;
        user.pending = false;
        acknowledged++;
        if (user.secret !== undefined) user.old.push(user.secret);
        user.secret = answer.json?.apiSecret;
      }
    };
    const streams = users.map(stream);
    await delay(400 + Math.random() * 200);
    kill.done = true;
    await Promise.all([running.end('SIGKILL'), server?.kill()]);
    await Promise.all(streams);
    await server?.start();

    const latchkey = await startApp({}, database);
    const works = async (user: Known, secret: string) =>
      (await latchkey.call('GET', '/v1/me', { auth: `token ${user.apiKey}:${secret}` })).status === 200;
    for (const user of users) {
      // Dead is dead, whatever came after. The last one lives, unless an unanswered call has replaced it.
      for (const secret of user.old.slice(-20)) expect(await works(user, secret)).toBe(false);
      if (user.secret !== undefined && !user.pending) expect(await works(user, user.secret)).toBe(true);
      const { secrets } = (await latchkey.call('GET', `/v1/api-keys/${user.apiKey}`, { auth })).json;
      const live = secrets.filter(({ revokedAt }: { revokedAt: unknown }) => revokedAt === null);
      expect(live.length).toBeLessThanOrEqual(1);
      // Unanswered calls may have happened or not: the one that lives is the last acknowledged, or the one after it.
      if (!user.pending)
        expect(live.map(({ hint }: { hint: string }) => hint)).toEqual(user.secret ? [user.secret.slice(-4)] : []);
    }
    await latchkey.close();
  }
  expect(acknowledged).toBeGreaterThan(USERS * ROUNDS);
}, 180_000);
