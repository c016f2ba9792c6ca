import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { IsNull } from 'typeorm';
import { ApiSecret } from '../../src/api-keys/api-secret.entity.js';
import { SYSTEM_MANAGER } from '../../src/users/principal.js';
import { startApp, type TestApp, type TestKey } from '../support/app.js';

/** Rotations of one name at once. Changes of one user wait for each other, and not for long: so nothing runs beside it. */

let latchkey: TestApp;
let manager: TestKey;

beforeAll(async () => {
  latchkey = await startApp();
  manager = await latchkey.key([SYSTEM_MANAGER]);
});
afterAll(() => latchkey.close());

const me = async ({ apiKey, apiSecret }: Pick<TestKey, 'apiKey' | 'apiSecret'>) =>
  (await latchkey.call('GET', '/v1/me', { auth: `token ${apiKey}:${apiSecret}` })).status;

/** A new user's key, and what can be done with it as a System Manager. */
async function newKey() {
  const { user, apiKey, apiSecret } = await latchkey.key();
  const path = `/v1/api-keys/${apiKey}`;
  const auth = manager.token;
  const read = async () => (await latchkey.call('GET', path, { auth })).json.secrets;
  const [{ id: secretId }] = await read();
  return {
    user,
    apiKey,
    first: { apiKey, apiSecret, secretId },
    add: (json: object) => latchkey.call('POST', `${path}/secrets`, { auth, json }),
    read,
    async states(): Promise<string[]> {
      return (await read()).map((each: { name: string; state: string }) => `${each.name} ${each.state}`);
    },
  };
}

it.each([0, 60])(
  'fifty at once with an overlap of %i: one current and one retiring at most',
  async (overlapSeconds) => {
    const key = await newKey();
    const answers = await Promise.all(Array.from({ length: 50 }, () => key.add({ overlapSeconds })));
    const made = answers.filter(({ status }) => status === 201).map(({ json }) => json);
    const statuses = new Set(answers.map(({ status }) => status));
    expect(statuses).toEqual(new Set(overlapSeconds === 0 ? [201] : [201, 409]));
    expect(made).toHaveLength(overlapSeconds === 0 ? 50 : 1);
    const works = await Promise.all([key.first, ...made].map(me));
    expect(works.filter((status) => status === 200)).toHaveLength(overlapSeconds === 0 ? 1 : 2);
    expect((await key.states()).filter((state) => /live|retiring/.test(state))).toEqual(
      overlapSeconds === 0 ? ['default live'] : ['default live', 'default retiring'],
    );
    // Each acknowledged one replaced another one, and each but the current one was replaced.
    const replaced = made.map((each) => each.replaced.id);
    expect(new Set(replaced).size).toBe(made.length);
    const current = (await key.read())[0].id;
    expect([...made.map(({ secretId }) => secretId), key.first.secretId].toSorted()).toEqual(
      [...replaced, current].toSorted(),
    );
  },
);

it('fifty at once, with and without, while programs use what they have: never a third good one, no 5xx', async () => {
  const key = await newKey();
  const rotations = { areOver: false };
  const tokens = [key.first];
  const most = (async () => {
    let seen = 0;
    while (!rotations.areOver) {
      const secrets = await latchkey.dataSource
        .getRepository(ApiSecret)
        .findBy({ apiKey: key.apiKey, revokedAt: IsNull() });
      const good = secrets.filter(({ expiresAt }) => !expiresAt || expiresAt.getTime() > Date.now());
      const current = good.filter(({ retiresAt }) => retiresAt === null);
      if (current.length > 1 || good.length > 2) throw new Error(`${current.length} current of ${good.length}`);
      seen = Math.max(seen, good.length);
      await delay(2);
    }
    return seen;
  })();
  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, i) => {
      const answer = await key.add({ overlapSeconds: i % 3 === 0 ? 0 : 60 });
      if (answer.status === 201) tokens.push(answer.json);
      return answer.status;
    }),
  );
  rotations.areOver = true;
  expect(await most).toBe(2);
  expect(answers.filter((status) => status !== 201 && status !== 409)).toEqual([]);
  const works = (await Promise.all(tokens.map(me))).filter((status) => status === 200).length;
  const good = (await key.states()).filter((state) => /live|retiring/.test(state));
  expect(works).toBe(good.length);
});
