import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { OPERATOR } from '../../src/users/principal.js';
import { freshDatabase, startApp, type TestApp } from '../support/app.js';
import { hasBrowser, newPerson, type Person, startBrowser } from '../support/browser.js';
import { generateKeys } from '../support/desk.js';
import { hasNginx, type Nginx, startNginx } from '../support/nginx.js';

/** The Desk at addresses other than the loopback that `HOST` and `PORT` say; nobody has set PUBLIC_URL. */

const PASSWORD = 'a password to test with';
const MANAGER = 'manager@example.com';
const USER = 'mara@example.com';

const OLD = { 'Sec-Fetch-Site': '' }; // as if the browser knew no such header

(hasBrowser ? describe : describe.skip)('in a browser', () => {
  describe('plain http, on a name that no browser trusts', () => journey(undefined));
  (hasNginx ? describe : describe.skip)('behind nginx with TLS', () => {
    describe('a browser of today', () => journey({}));
    describe('an older one', () => journey(OLD));

    it('that hands on another Host: the page says what to set, and that helps', async () => {
      const database = await freshDatabase();
      let latchkey = await startApp({}, database);
      const nginx = await startNginx(latchkey.url, 'keys.test', { ...OLD, Host: 'other.test' });
      const browser = await startBrowser(['--host-resolver-rules=MAP *.test 127.0.0.1']);
      const url = `https://keys.test:${nginx.port}`;
      const open = await newPerson(browser, url, { ignoreHTTPSErrors: true });
      try {
        await latchkey.accounts.create(OPERATOR, { email: USER, fullName: 'M', password: PASSWORD });
        await open.page.goto(`${url}/app/login`);
        await logIn(open.page, USER);
        await open.page.getByText(`set PUBLIC_URL=${url}`).waitFor();
        await latchkey.close();
        latchkey = await startApp({ publicUrl: url, port: Number(new URL(latchkey.url).port) }, database);
        await logIn(open.page, USER);
        await open.page.getByRole('heading', { level: 1, name: 'My access' }).waitFor();
      } finally {
        await browser.close();
        await nginx.stop();
        await latchkey.close();
        await database.remove();
      }
    });
  });
});

async function logIn(page: Page, user: string): Promise<void> {
  await page.getByLabel('Email or user name').fill(user);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** @param headers that nginx changes; undefined for no nginx in front. */
function journey(headers: Record<string, string> | undefined): void {
  let latchkey: TestApp;
  let nginx: Nginx | undefined;
  let browser: Browser;
  let person: Person;
  let page: Page;
  let url: string;

  beforeAll(async () => {
    latchkey = await startApp();
    for (const [email, roles] of [
      [MANAGER, ['System Manager']],
      [USER, []],
    ] as const)
      await latchkey.accounts.create(OPERATOR, { email, fullName: 'Some Body', roles, password: PASSWORD });
    nginx = headers && (await startNginx(latchkey.url, 'keys.test', headers));
    url = nginx ? `https://keys.test:${nginx.port}` : `http://keys.test:${new URL(latchkey.url).port}`;
    browser = await startBrowser(['--host-resolver-rules=MAP *.test 127.0.0.1']);
    person = await newPerson(browser, url, { ignoreHTTPSErrors: true });
    page = person.page;
    page.setDefaultTimeout(15_000);
  });
  afterAll(async () => {
    await browser?.close();
    await nginx?.stop();
    await latchkey?.close();
  });

  it('logs in', async () => {
    await page.goto(`${url}/app/user/${USER}?tab=api-access`);
    expect(await page.evaluate(() => window.isSecureContext)).toBe(headers !== undefined);
    await logIn(page, MANAGER);
    await page.getByRole('button', { name: 'Generate Keys' }).waitFor();
  });

  it('generates keys, whose token works when it is copied', async () => {
    await generateKeys(page);
    const dialog = page.getByRole('dialog', { name: 'API keys' });
    await dialog.getByRole('button', { name: 'Copy token' }).click();
    if (headers === undefined) {
      await dialog.getByText('Press Ctrl+C').waitFor(); // no page may use the clipboard over plain http
      await page.keyboard.press('Control+C');
      await dialog.getByRole('tab', { name: 'Python' }).click();
      await dialog.getByRole('button', { name: 'Copy Python example' }).click();
      await page.keyboard.press('Control+C');
      expect(await pasted(page)).toMatch(/^import requests\n\nanswer = requests\.get\(\n/);
      await dialog.getByLabel('token', { exact: true }).focus();
      await page.keyboard.press('Control+C');
    } else await dialog.getByText('Copied').first().waitFor();
    const token = await pasted(page);
    expect(token).toMatch(/^lk_\w+:lks_\w+$/);
    expect((await latchkey.call('GET', '/v1/me', { auth: `token ${token}` })).json.name).toBe(USER);
    await dialog.getByRole('button', { name: 'Try it' }).click();
    await dialog.getByText(`{"message":"${USER}"}`).waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await dialog.waitFor({ state: 'detached' });
  });

  if (headers === undefined)
    it.each([
      ['on a Mac', {}, 'Press ⌘C'],
      ['by touch', { hasTouch: true, isMobile: true }, 'Select and copy'],
    ])('says how to copy %s', async (_, options, words) => {
      const other = await newPerson(browser, url, { ...options, storageState: await person.context.storageState() });
      await other.page.addInitScript(() => Object.defineProperty(navigator, 'platform', { value: 'MacIntel' }));
      await other.page.goto(`${url}/app/user/${USER}?tab=api-access`);
      await other.page.getByRole('button', { name: 'Copy API key' }).click();
      await other.page.getByText(words).waitFor();
      await other.context.close();
    });

  it('logs out', async () => {
    await page.getByRole('button', { name: /Some Body|Account|Menu/i }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.getByLabel('Email or user name').waitFor();
    expect(await latchkey.dataSource.query('SELECT COUNT(*) AS sessions FROM lk_sessions')).toEqual([{ sessions: 0 }]);
  });

  it('has nothing to complain of', () => {
    // Chromium says of plain http that it does without this header there.
    const others = person.complaints.filter((text) => !text.startsWith('The Cross-Origin-Opener-Policy header'));
    expect(others).toEqual([]);
  });
}

/** What is in the clipboard, as a person finds out. */
async function pasted(page: Page): Promise<string> {
  const blank = await page.context().newPage();
  await blank.setContent('<textarea></textarea>');
  await blank.locator('textarea').focus();
  await blank.keyboard.press('Control+V');
  const text = await blank.locator('textarea').inputValue();
  await blank.close();
  return text;
}
