import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { LatchkeyError } from '../../src/latchkey.error.js';
import { OPERATOR, type Principal } from '../../src/users/principal.js';
import { RolesService } from '../../src/users/roles.service.js';
import { ApiKeyVerifier } from '../../src/verification/api-key.verifier.js';
import { startApp, type TestApp } from '../support/app.js';

let latchkey: TestApp;
let roles: RolesService;
beforeAll(async () => {
  latchkey = await startApp();
  roles = latchkey.app.get(RolesService);
});
afterAll(() => latchkey.close());

it('roles are made, listed and deleted', async () => {
  await roles.create(OPERATOR, 'Reader');
  await roles.create(OPERATOR, 'Größe 2_b-c.');
  expect(await roles.list(OPERATOR)).toEqual(['Größe 2_b-c.', 'Reader', 'System Manager']);
  await expect(roles.create(OPERATOR, 'Reader')).rejects.toMatchObject({ code: 'conflict' });
  await roles.delete(OPERATOR, 'Größe 2_b-c.');
  await expect(roles.delete(OPERATOR, 'Größe 2_b-c.')).rejects.toMatchObject({ code: 'not_found' });
  await expect(roles.delete(OPERATOR, 'Reader ')).rejects.toMatchObject({ code: 'not_found' });
});

it.each(['', ' Reader', 'Reader ', 'a\nb', 'a,b', 'x'.repeat(141)])('%j is no name of a role', async (name) => {
  await expect(roles.create(OPERATOR, name)).rejects.toMatchObject({ code: 'validation_failed' });
});

it('a role that somebody holds, or that is built in, stays', async () => {
  await latchkey.key(['Reader']);
  await expect(roles.delete(OPERATOR, 'Reader')).rejects.toMatchObject({ code: 'conflict' });
  await expect(roles.delete(OPERATOR, 'System Manager')).rejects.toMatchObject({ code: 'conflict' });
});

it('who is no System Manager can do none of it, nor what else the services offer', async () => {
  const { user, apiKey } = await latchkey.key(['Reader']);
  const actor: Principal = {
    name: user,
    fullName: '',
    roles: ['Reader'],
    credential: { type: 'api-key', apiKey, secretId: 'x', secretName: 'default', scopes: null, limits: null },
  };
  for (const attempt of [
    roles.list(actor),
    roles.create(actor, 'Mine'),
    roles.delete(actor, 'Reader'),
    latchkey.users.list(actor, { limit: 1 }),
    latchkey.users.create(actor, { email: 'x@example.com', fullName: 'X' }),
    latchkey.users.ensure(actor, { name: 'x@example.com' }),
    latchkey.users.update(actor, user, { roles: ['System Manager'] }),
    latchkey.users.delete(actor, user),
    latchkey.apiKeys.generate(actor, { user }),
    latchkey.apiKeys.create(actor, { user }),
    latchkey.apiKeys.addSecret(actor, apiKey),
    latchkey.apiKeys.patchSecret(actor, apiKey, 'x', {}),
    latchkey.apiKeys.listSecrets(actor, { limit: 1 }),
  ]) {
    await expect(attempt).rejects.toMatchObject({ code: 'forbidden' });
  }
});

it('a role given and deleted at once is either held or unknown, and nothing breaks', async () => {
  const { user } = await latchkey.key();
  for (let i = 0; i < 10; i++) {
    await roles.create(OPERATOR, `Race ${i}`);
    const results = await Promise.allSettled([
      latchkey.users.update(OPERATOR, user, { roles: [`Race ${i}`] }),
      roles.delete(OPERATOR, `Race ${i}`),
    ]);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(LatchkeyError);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  }
});

it('ensure makes, finds and changes a user, also when called twice at once', async () => {
  const input = { name: 'Host.User@example.com', fullName: 'Host User', roles: ['Reader'] };
  const both = await Promise.all([latchkey.users.ensure(OPERATOR, input), latchkey.users.ensure(OPERATOR, input)]);
  expect(both[0]).toMatchObject({ name: 'host.user@example.com', fullName: 'Host User', roles: ['Reader'] });
  expect(both[1]!.id).toBe(both[0]!.id);
  const same = await latchkey.users.ensure(OPERATOR, { name: 'host.user@example.com' });
  expect(same).toEqual(both[0]);
  const more = await latchkey.users.ensure(OPERATOR, { ...input, roles: ['Editor'] });
  expect(more.roles).toEqual(['Editor']);
  await expect(latchkey.users.ensure(OPERATOR, { ...input, roles: ['a,b'] })).rejects.toMatchObject({
    code: 'validation_failed',
  });
  expect(await latchkey.users.ensure(OPERATOR, { ...input, roles: [] })).toMatchObject({
    roles: [],
    revision: `${both[0]!.id}.3`,
  });
});

it('ensure is heeded at once also when another node has done it already', async () => {
  const other = await startApp({}, latchkey.database);
  const verifier = latchkey.app.get(ApiKeyVerifier);
  const pair = await latchkey.key(['Reader', 'Editor']);
  try {
    for (let i = 0; i < 10; i++) {
      const wanted = i % 2 === 0 ? ['Reader'] : ['Editor', 'Reader'];
      await verifier.verify(pair); // now it is cached
      await other.users.update(OPERATOR, pair.user, { roles: wanted });
      await latchkey.users.ensure(OPERATOR, { name: pair.user, roles: wanted });
      expect((await verifier.verify(pair))?.roles).toEqual(wanted);
    }
  } finally {
    await other.close();
  }
});
