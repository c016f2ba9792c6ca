import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { hasBrowser, type Person } from '../support/browser.js';
import { generateKeys, startDesk, type TestDesk } from '../support/desk.js';
import { insertUsers, type ManySecret } from '../support/many-users.js';

/** What the page says in numbers and of the state of keys. */

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

let desk: TestDesk;
let url: string;
let person: Person;
let page: Page;

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('the Desk', () => {
  beforeAll(async () => {
    desk = await startDesk();
    ({ url } = desk.latchkey);
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
    await insertUsers(desk.latchkey.dataSource, users);
    person = await desk.person();
    ({ page } = person);
  });
  afterAll(() => desk?.close());

  it.each(['Active keys', 'Never used', 'Unused', 'Expiring soon', 'Revoked or expired'])(
    'leads from the number of %s to as many users',
    async (words) => {
      await page.goto(`${url}/app/overview`);
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
    const greta = await desk.person(desk.manager, { locale: 'de-DE', timezoneId: 'Europe/Berlin' });
    await greta.page.goto(`${url}/app/user/user1.0@example.com?tab=api-access`);
    await greta.page.getByText('yesterday').waitFor();
    const said = await greta.page.locator('time').allInnerTexts();
    expect(said.filter((text) => /^\d\d\.\d\d\.\d{4}, \d\d:\d\d$/.test(text))).toHaveLength(2); // secret and key
    expect(await greta.page.evaluate(() => document.documentElement.lang)).toBe('en');
    expect(greta.complaints).toEqual([]);
    await greta.context.close();
  });

  it('says of the live key of a disabled user that it is refused', async () => {
    const card = async (user: string) => {
      await page.goto(`${url}/app/user/${user}?tab=api-access`);
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
    await page.goto(`${url}/app/user/user0.1@example.com?tab=api-access`);
    await generateKeys(page);
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
