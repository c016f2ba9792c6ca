import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startApp, type TestApp, type TestKey } from '../support/app.js';
import { run } from '../support/process.js';

/** A Python that has `requests`; test/run.mjs looks for one, and says so where there is none. */
const PYTHON = process.env.TEST_PYTHON ?? '';

let latchkey: TestApp;
let key: TestKey;
beforeAll(async () => {
  latchkey = await startApp();
  key = await latchkey.key();
});
afterAll(() => latchkey.close());

/** The programs of token-based-auth.md with their slips mended (asterisks in the URL, base64 of text), and as they are. */
const program = (authorization: string) => `
import requests
import base64

url = "${latchkey.url}/api/method/frappe.auth.get_logged_user"
headers = {
    'Authorization': ${authorization}
}
response = requests.request("GET", url, headers=headers)
print(response.status_code, response.text)
`;
const python = async (authorization: string) => (await run(PYTHON, ['-c', program(authorization)], {})).stdout.trim();
const when = PYTHON ? it : it.skip;

when('token', async () => {
  expect(await python(`"token ${key.apiKey}:${key.apiSecret}"`)).toBe(`200 {"message":"${key.user}"}`);
});

when('Basic', async () => {
  const pair = `b"${key.apiKey}:${key.apiSecret}"`;
  expect(await python(`"Basic %s" % base64.b64encode(${pair}).decode()`)).toBe(`200 {"message":"${key.user}"}`);
});

when("Basic as the document writes it sends b'…', and is told so", async () => {
  const answer = await python(`"Basic %s" % base64.b64encode(b"${key.apiKey}:${key.apiSecret}")`);
  expect(answer).toMatch(/^401 .*AuthenticationError/);
  expect(answer).toContain('.decode()');
});

it('curl -u', async () => {
  const url = `${latchkey.url}/api/method/frappe.auth.get_logged_user`;
  const { stdout } = await run('curl', ['-s', '-u', `${key.apiKey}:${key.apiSecret}`, url], {});
  expect(stdout).toBe(`{"message":"${key.user}"}`);
});
