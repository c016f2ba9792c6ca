import { expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { Lease } from '../../src/revocation/lease.js';
import { OPERATOR } from '../../src/users/principal.js';
import { ApiKeyVerifier } from '../../src/verification/api-key.verifier.js';
import { freshDatabase, startApp, type TestApp, type TestKey } from '../support/app.js';

/** The status of each request, and how many questions the database was asked in all. */
async function asked(latchkey: TestApp, tokens: string[]): Promise<[number[], number]> {
  const database = latchkey.app.get(Database);
  const { select } = Database.prototype;
  let queries = 0;
  database.select = (...args) => (queries++, select.apply(database, args)) as never;
  const statuses: number[] = [];
  for (const auth of tokens) statuses.push((await latchkey.call('GET', '/v1/me', { auth })).status);
  return [statuses, queries];
}

it('after a restart those who were known are known, and others cost one query each', async () => {
  const database = await freshDatabase();
  const before = await startApp({}, database);
  const keys: TestKey[] = [];
  for (let i = 0; i < 12; i++) keys.push(await before.key());
  const [revoked, disabled, ...others] = keys;
  const [unused, ...used] = others;
  for (const { token } of [revoked!, disabled!, ...used]) {
    expect((await before.call('GET', '/v1/me', { auth: token })).status).toBe(200);
  }
  await before.apiKeys.revoke(OPERATOR, revoked!.apiKey);
  await before.users.update(OPERATOR, disabled!.user, { enabled: false });
  await before.close(); // which writes the last uses

  const after = await startApp({}, database);
  expect(after.app.get(ApiKeyVerifier).size).toBe(used.length);
  const tokens = (of: typeof keys) => of.map(({ token }) => token);
  expect(await asked(after, tokens(used))).toEqual([used.map(() => 200), 0]);
  expect(await asked(after, tokens([unused!]))).toEqual([[200], 1]);
  expect((await asked(after, tokens([revoked!, disabled!])))[0]).toEqual([401, 401]);
  await after.close();

  const small = await startApp({ maxCachedKeys: 3 }, database);
  expect(small.app.get(ApiKeyVerifier).size).toBe(3);
  expect(await asked(small, tokens([...used.slice(-2), unused!]))).toEqual([[200, 200, 200], 0]);
  // The one that was used last is forgotten last.
  await asked(small, tokens([used[0]!, used[1]!]));
  expect(await asked(small, tokens([unused!]))).toEqual([[200], 0]);
  await small.close();
  await database.remove();
});

it('asks once more where the first poll of a start came too late', async () => {
  const database = await freshDatabase();
  const before = await startApp({}, database);
  const key = await before.key();
  expect((await before.call('GET', '/v1/me', { auth: key.token })).status).toBe(200);
  await before.close();

  const { renew } = Lease.prototype;
  let polls = 0;
  Lease.prototype.renew = function (moment) {
    return ++polls === 1 ? Promise.reject(new Error('too late')) : renew.call(this, moment);
  };
  const after = await startApp({}, database);
  Lease.prototype.renew = renew;
  expect(after.app.get(ApiKeyVerifier).size).toBe(1);
  await after.close();
  await database.remove();
});
