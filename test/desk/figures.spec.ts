import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { OPERATOR } from '../../src/users/principal.js';
import { startApp, type TestApp } from '../support/app.js';
import { giveSession, hasBrowser, newPerson, type Person, startBrowser } from '../support/browser.js';
import { insertUsers, type ManySecret } from '../support/many-users.js';

/** What the page says in numbers and of the state of keys. */

const PASSWORD = 'a password to test with';
const DAY = 24 * 60 * 60_000;
const ago = (days: number) => Date.now() - days * DAY;
const STATES: ManySecret[][] = [
  [],
  [{ createdAt: ago(200), lastUsedAt: ago(1) }],
  [{ createdAt: ago(1) }],
  [{ createdAt: ago(91) }],
  [{ createdAt: ago(200), lastUsedAt: ago(91) }],
  [{ createdAt: ago(1), lastUsedAt: ago(0.1), expiresAt: ago(-9) }],
  [{ createdAt: ago(100), expiresAt: ago(50) }],
  [{ createdAt: ago(100), revokedAt: ago(5), revokedBy: 'command' }],
];

let latchkey: TestApp;
let browser: Browser;
let person: Person;
let page: Page;

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('the Desk', () => {
  beforeAll(async () => {
    latchkey = await startApp();
    const made = { email: 'mara@example.com', fullName: 'Mara Lindqvist', roles: ['System Manager'] };
    await latchkey.accounts.create(OPERATOR, { ...made, password: PASSWORD });
    const users = STATES.flatMap((secrets, state) =>
      Array.from({ length: 2 + state }, (_, i) => ({
        id: `id${state}${i}`,
        name: `user${state}.${i}@example.com`,
        fullName: `User ${state} ${i}`,
        enabled: i % 3 !== 0,
        roles: [],
        createdAt: ago(300),
        secrets,
      })),
    );
    await insertUsers(latchkey.dataSource, users);
    browser = await startBrowser();
    person = await newPerson(browser, latchkey.url);
    page = person.page;
    page.setDefaultTimeout(15_000);
    await giveSession(person, latchkey, 'mara@example.com', PASSWORD);
  });
  afterAll(async () => {
    await browser?.close();
    await latchkey?.close();
  });

  it.each(['Active keys', 'Never used', 'Unused', 'Expiring soon', 'Revoked or expired'])(
    'leads from the number of %s to as many users',
    async (words) => {
      await page.goto(`${latchkey.url}/app/overview`);
      const tile = page.getByRole('link', { name: words });
      const number = await tile.locator('span').nth(1).innerText();
      expect(Number(number)).toBeGreaterThan(1);
      await tile.click();
      await page.locator('output').getByText(`${number} users`, { exact: true }).waitFor();
      await page.locator('table[aria-busy=false]').waitFor();
      expect(await page.locator('tbody tr').count()).toBe(Math.min(25, Number(number)));
      expect(await page.getByRole('row', { name: /Disabled/ }).count()).toBe(0);
    },
  );

  it('writes numbers and dates as the browser does, and all words in one language', async () => {
    const greta = await newPerson(browser, latchkey.url, { locale: 'de-DE', timezoneId: 'Europe/Berlin' });
    await giveSession(greta, latchkey, 'mara@example.com', PASSWORD);
    await greta.page.goto(`${latchkey.url}/app/user/user1.0@example.com?tab=api-access`);
    await greta.page.getByText('yesterday').waitFor();
    const said = await greta.page.locator('time').allInnerTexts();
    expect(said.filter((text) => /^\d\d\.\d\d\.\d{4}, \d\d:\d\d$/.test(text))).toHaveLength(2); // secret and key
    expect(await greta.page.evaluate(() => document.documentElement.lang)).toBe('en');
    expect(greta.complaints).toEqual([]);
    await greta.context.close();
  });

  it('says of the live key of a disabled user that it is refused', async () => {
    const card = async (user: string) => {
      await page.goto(`${latchkey.url}/app/user/${user}?tab=api-access`);
      await page.getByRole('button', { name: 'Copy API key' }).waitFor();
      const words = 'is disabled. This key is refused until you enable the user.';
      return page.getByText(words).allInnerTexts();
    };
    expect(await card('user2.0@example.com')).toEqual([
      'User 2 0 is disabled. This key is refused until you enable the user.',
    ]);
    expect(await card('user2.1@example.com')).toEqual([]);
    await page.getByText('Active · never used').waitFor();
  });

  it('knows after Try it that the key was used, also when it asks anew', async () => {
    await page.goto(`${latchkey.url}/app/user/user0.1@example.com?tab=api-access`);
    await page.getByRole('button', { name: 'Generate Keys' }).click();
    const dialog = page.getByRole('dialog', { name: 'API keys' });
    await dialog.getByRole('button', { name: 'Copy token' }).click();
    await page.getByText('Active · never used').waitFor();
    await dialog.getByRole('button', { name: 'Try it' }).click();
    await dialog.getByText('{"message":"user0.1@example.com"}').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByText('Active', { exact: true }).waitFor();
    await page.getByRole('tab', { name: 'Roles' }).click();
    await page.getByRole('tab', { name: 'API Access' }).click();
    await page.getByText('Active', { exact: true }).waitFor();
    expect(await page.getByText('just now').count()).toBeGreaterThan(0);
    expect(person.complaints).toEqual([]);
  });
});
