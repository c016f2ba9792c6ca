import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { freshDatabase, type TestDatabase } from '../support/app.js';
import { hasBrowser, newPerson, type Person, startBrowser } from '../support/browser.js';
import { generateKeys, rotateAtOnce } from '../support/desk.js';
import { client, type Client } from '../support/http.js';
import { type Running, startProcess } from '../support/process.js';

/** The real server, the real page, a real browser, from the first start on; each step builds on those before. */

const OWN = 'chosen by Administrator';
const PASSWORD = 'chosen for the other';
const USER = 'mara@example.com';

let database: TestDatabase;
let server: Running;
let browser: Browser;
let admin: Person;
let page: Page;
let call: Client;
const tokens: string[] = [];

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('the Desk', () => {
  beforeAll(async () => {
    database = await freshDatabase();
    server = await startProcess({ DATABASE_URL: database.url });
    call = client(server.url);
    browser = await startBrowser();
    admin = await newPerson(browser, server.url);
    page = admin.page;
    page.setDefaultTimeout(15_000);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end('SIGTERM');
    await database?.remove();
  });

  async function who(token: string): Promise<number> {
    return (await call('GET', '/api/method/frappe.auth.get_logged_user', { auth: `token ${token}` })).status;
  }

  async function logIn(at: Page, user: string, password: string): Promise<void> {
    await at.getByLabel('Email or user name').fill(user);
    await at.getByLabel('Password', { exact: true }).fill(password);
    await at.getByRole('button', { name: 'Log in' }).click();
  }

  it('logs in with the password of the first start, and asks for another', async () => {
    const oneTime = /one-time password: (\S+)/.exec(server.output())![1]!;
    await page.goto(`${server.url}/app`);
    await logIn(page, 'Administrator', 'not the password');
    await page.getByText('Wrong user name or password').waitFor();
    await logIn(page, 'Administrator', oneTime);
    await page.getByText('Choose a password').first().waitFor();
    for (const field of await page.locator('input[type=password]:visible').all()) await field.fill(OWN);
    await page.getByRole('button', { name: 'Set password and continue' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  it('makes a user', async () => {
    await page.getByRole('link', { name: 'Users' }).first().click();
    await page.getByRole('button', { name: 'New user' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/Email/).fill(USER);
    await dialog.getByLabel(/Full name/).fill('Mara Lindqvist');
    await dialog.locator('input[type=password]').fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Create user' }).click();
    await page.getByRole('heading', { level: 1, name: 'Mara Lindqvist' }).waitFor();
  });

  it('generates keys, whose token works when it is copied, and tries it', async () => {
    await page.goto(`${server.url}/app/user/${USER}?tab=api-access`);
    await generateKeys(page);
    const dialog = page.getByRole('dialog', { name: 'API keys' });
    await dialog.getByText('The secret is shown only once').waitFor();
    await dialog.getByRole('button', { name: 'Copy token' }).click();
    tokens.push(await page.evaluate(() => navigator.clipboard.readText()));
    expect(tokens[0]).toMatch(/^lk_\w+:lks_\w+$/);
    expect(await who(tokens[0]!)).toBe(200);
    await dialog.getByRole('button', { name: 'Try it' }).click();
    await dialog.getByText(`{"message":"${USER}"}`).waitFor();
    const download = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Download CSV' }).click();
    expect((await download).suggestedFilename()).toBe('frappe_api_keys.csv');
  });

  it('has the secret nowhere once the dialog is closed', async () => {
    const secret = tokens[0]!.split(':')[1]!;
    expect(await places(page, secret)).toContain('document'); // or the search below could not fail
    await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.evaluate(() => navigator.clipboard.writeText(''));
    expect(await places(page, secret)).toEqual([]);
    expect(admin.requests.filter((request) => request.includes(secret))).toEqual([]);
    expect(server.output()).not.toContain(secret);
  });

  it('asks before a secret is lost that nobody has copied, also at a second Esc', async () => {
    await rotateAtOnce(page);
    const dialog = page.getByRole('dialog', { name: 'API keys' });
    await dialog.getByRole('button', { name: 'Copy token' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.getByText('You haven’t copied the secret yet').waitFor();
    await page.keyboard.press('Escape');
    await dialog.getByRole('button', { name: 'Copy token' }).click();
    tokens.push(await page.evaluate(() => navigator.clipboard.readText()));
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect([await who(tokens[0]!), await who(tokens[1]!)]).toEqual([401, 200]);
  });

  it('revokes', async () => {
    await page.getByRole('button', { name: 'Revoke the secret default' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('No active secret').waitFor();
    expect(await who(tokens[1]!)).toBe(401);
  });

  it('shows an ordinary user the own access, and nothing of a System Manager', async () => {
    const mara = await newPerson(browser, server.url);
    await mara.page.goto(`${server.url}/app/user/Administrator`);
    await logIn(mara.page, USER, PASSWORD);
    await mara.page.getByRole('heading', { level: 1, name: 'My access' }).waitFor();
    expect(await mara.page.getByRole('link', { name: 'Users' }).count()).toBe(0);
    expect(await mara.page.getByRole('link', { name: 'Overview' }).count()).toBe(0);
    for (const path of ['/app/users', '/app/overview', '/app/user/Administrator']) {
      await mara.page.goto(server.url + path);
      await mara.page.getByRole('heading', { level: 1, name: 'My access' }).waitFor();
    }
    const direct = await mara.page.evaluate(async (user) => {
      const calls: [string, string, object?][] = [
        ['GET', '/v1/users'],
        ['GET', '/v1/overview'],
        ['POST', '/v1/api-keys', { user }],
        ['GET', '/v1/users/Administrator'],
        ['PATCH', `/v1/users/${user}`, { roles: ['System Manager'] }],
        ['POST', `/api/method/frappe.core.doctype.user.user.generate_keys?user=${user}`],
      ];
      const headers = { 'Content-Type': 'application/json' };
      const sent = calls.map(([method, path, body]) =>
        fetch(path, { method, headers, ...(body && { body: JSON.stringify(body) }) }),
      );
      return (await Promise.all(sent)).map(({ status }) => status);
    }, USER);
    expect(direct).toEqual([403, 403, 403, 404, 403, 403]);
    expect(mara.complaints).toEqual([]);
    await mara.context.close();
  });

  it('takes who was logged out back to where that was', async () => {
    const cookies = await admin.context.cookies();
    expect(cookies.find(({ name }) => name === 'sid')).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
    await admin.context.clearCookies();
    await page.reload();
    await page.getByText('You were logged out').waitFor();
    await logIn(page, 'Administrator', OWN);
    await page.getByText('No active secret').waitFor();
    expect(new URL(page.url()).pathname).toBe(`/app/user/${USER}`);
  });

  it('disables a user whose session ends on the next request', async () => {
    const mara = await newPerson(browser, server.url);
    await mara.page.goto(`${server.url}/app/me`);
    await logIn(mara.page, USER, PASSWORD);
    await mara.page.getByRole('heading', { level: 1, name: 'My access' }).waitFor();
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Disable user' }).click();
    await page.getByRole('dialog').getByText('2 open sessions end now').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable user' }).click();
    await page.getByText('Disabled').first().waitFor();
    await mara.page.reload();
    await mara.page.getByText('You were logged out').waitFor();
    await mara.context.close();
  });

  it('deletes a user, and says of the address that nobody is there', async () => {
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Delete user' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete user' }).click();
    await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
    await page.goto(`${server.url}/app/user/${USER}`);
    await page.getByRole('heading', { name: `There is no user “${USER}”` }).waitFor();
  });

  it('runs frappe-js-sdk, unmodified, which logs in and out by the same session', async () => {
    const reader = await newPerson(browser, server.url);
    await reader.page.goto(`${server.url}/app/login`);
    await reader.page.evaluate(bundledSdk());
    const said = await reader.page.evaluate(async (password) => {
      const { FrappeApp } = (window as unknown as { sdk: { FrappeApp: new (url: string) => { auth(): SdkAuth } } }).sdk;
      const auth = new FrappeApp(location.origin).auth();
      const wrong = await auth
        .loginWithUsernamePassword({ username: 'Administrator', password: 'wrong' })
        .catch(String);
      const { message } = (await auth.loginWithUsernamePassword({ username: 'Administrator', password })) as {
        message: string;
      };
      const name = await auth.getLoggedInUser();
      const cookies = document.cookie;
      await auth.logout();
      const after = await auth.getLoggedInUser().then(String, (error: { httpStatus: number }) => error.httpStatus);
      return { refused: wrong !== undefined, message, name, cookies, after, left: document.cookie };
    }, OWN);
    expect(said).toEqual({
      refused: true,
      message: 'Logged In',
      name: 'Administrator',
      cookies: expect.stringContaining('user_id=Administrator'),
      after: 403,
      left: '',
    });
    expect(said.cookies).not.toContain('sid=');
    expect(reader.complaints).toEqual([]);
    await reader.context.close();
  });

  it('logs out, in every tab, and nothing was complained of', async () => {
    await page.goto(`${server.url}/app/overview`);
    const tab = await admin.context.newPage();
    await tab.goto(`${server.url}/app/users`);
    await tab.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
    await page.getByRole('button', { name: 'Administrator' }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    expect(await page.evaluate(async () => (await fetch('/v1/me')).status)).toBe(401);
    await tab.getByLabel('Search').first().fill('x'); // its next request
    await tab.getByRole('button', { name: 'Log in' }).waitFor();
    expect(admin.complaints).toEqual([]);
  });
});

interface SdkAuth {
  loginWithUsernamePassword(credentials: { username: string; password: string }): Promise<unknown>;
  getLoggedInUser(): Promise<string>;
  logout(): Promise<void>;
}

const BUNDLE = `
  const { build } = await import('vite');
  const lib = { entry: 'node_modules/frappe-js-sdk/lib/index.js', formats: ['iife'], name: 'sdk' };
  const [{ output }] = await build({ configFile: false, logLevel: 'silent', build: { write: false, lib } });
  process.stdout.write(output[0].code);`;

/** frappe-js-sdk as a bundler would bring it to a page; in a process of its own, since Vite takes no modules of Jest's. */
function bundledSdk(): string {
  const args = ['--input-type=module', '-e', BUNDLE];
  const code = execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 10_000_000 });
  return `window.sdk = (() => { ${code}; return sdk; })()`;
}

/** Where a text is found in the page: its document and fields, storage, history, and React's objects. */
async function places(at: Page, text: string): Promise<string[]> {
  return at.evaluate((secret) => {
    const found: string[] = [];
    const fields = [...document.querySelectorAll('input, textarea')].map((field) => (field as HTMLInputElement).value);
    if (document.documentElement.outerHTML.includes(secret) || fields.some((value) => value.includes(secret))) {
      found.push('document');
    }
    for (const storage of [localStorage, sessionStorage]) {
      if (JSON.stringify({ ...storage }).includes(secret)) found.push('storage');
    }
    if (JSON.stringify(history.state ?? '').includes(secret) || location.href.includes(secret)) found.push('history');
    const seen = new Set<object>();
    const walk = (start: object) => {
      const open: object[] = [start];
      while (open.length > 0 && seen.size < 2_000_000) {
        const one = open.pop()!;
        if (seen.has(one) || one instanceof Node || one === window) continue;
        seen.add(one);
        const values =
          one instanceof Map ? [...one.keys(), ...one.values()] : one instanceof Set ? [...one] : Object.values(one);
        for (const value of values) {
          if (typeof value === 'string' && value.includes(secret)) found.push('objects');
          else if (typeof value === 'object' && value !== null) open.push(value as object);
        }
      }
    };
    for (const node of [document.getElementById('root')!, ...document.querySelectorAll('#root *')]) {
      for (const key of Object.keys(node)) {
        if (key.startsWith('__react')) walk((node as unknown as Record<string, object>)[key]!);
      }
    }
    return [...new Set(found)];
  }, text);
}
