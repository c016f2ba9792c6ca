import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { OPERATOR } from '../../src/users/principal.js';
import { newName, startApp, type TestApp } from '../support/app.js';

const PASSWORD = 'a password to test with';

/** frappe-js-sdk from npm, unmodified, in Node; its axios keeps no cookies, so the jar is ours. */
const { FrappeApp } = createRequire(import.meta.url)('frappe-js-sdk');

let latchkey: TestApp;
beforeAll(async () => {
  latchkey = await startApp();
});
afterAll(() => latchkey.close());

it('frappe-js-sdk logs in, knows who it is, and logs out', async () => {
  const made = { email: newName(), fullName: 'Some Body', password: PASSWORD };
  const { name } = await latchkey.accounts.create(OPERATOR, made);
  const app = new FrappeApp(latchkey.url);
  let jar: Record<string, string> = {};
  app.axios.interceptors.response.use((response: { headers: Record<string, string[]> }) => {
    for (const line of response.headers['set-cookie'] ?? []) {
      const [, key, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      jar = { ...jar, [key!]: value! };
    }
    return response;
  });
  app.axios.interceptors.request.use((config: { headers: Record<string, string> }) => {
    config.headers.Cookie = Object.entries(jar)
      .map(([key, value]) => `${key}=${value}`)
      .join('; ');
    return config;
  });
  const auth = app.auth();
  await expect(auth.loginWithUsernamePassword({ username: name, password: 'wrong password' })).rejects.toMatchObject({
    httpStatus: 401,
    exc_type: 'AuthenticationError',
  });
  expect(await auth.loginWithUsernamePassword({ username: name, password: PASSWORD })).toMatchObject({
    message: 'Logged In',
    full_name: 'Some Body',
  });
  expect(await auth.getLoggedInUser()).toBe(name);
  await auth.logout();
  await expect(auth.getLoggedInUser()).rejects.toMatchObject({ httpStatus: 403 });
});
