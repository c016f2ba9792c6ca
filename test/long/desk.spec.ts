import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { OPERATOR } from '../../src/users/principal.js';
import { ENGINE, startApp, type TestApp } from '../support/app.js';
import { hasBrowser, newPerson, startBrowser } from '../support/browser.js';
import { insertUsers } from '../support/many-users.js';

const COUNT = 100_000;
const PASSWORD = 'a password to test with';

let latchkey: TestApp;
let browser: Browser;

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser(`a list of ${COUNT} users`, () => {
  beforeAll(async () => {
    latchkey = await startApp();
    const users = Array.from({ length: COUNT }, (_, i) => ({
      id: `id${String(i).padStart(6, '0')}`,
      name: `user${i}@example.com`,
      fullName: `${i % 2 ? 'Ann' : 'Bob'} Number ${i}`,
      enabled: true,
      roles: [],
      createdAt: 1_700_000_000_000 + i,
    }));
    await insertUsers(latchkey.dataSource, users, true);
    await latchkey.accounts.update(OPERATOR, 'Administrator', { password: PASSWORD });
    browser = await startBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await latchkey?.close();
  });

  it('opens, and is searched, sorted and narrowed, in the page', async () => {
    const { page, complaints } = await newPerson(browser, latchkey.url);
    await page.goto(`${latchkey.url}/app/login?next=/users`);
    await page.getByLabel('Email or user name').fill('Administrator');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    const times: Record<string, number> = {};
    const measure = async (name: string, act: () => Promise<unknown>, shows: string) => {
      const began = performance.now();
      await act();
      await page.getByText(shows, { exact: true }).first().waitFor();
      times[name] = Math.round(performance.now() - began);
    };
    await measure('open', () => page.getByRole('button', { name: 'Log in' }).click(), `user${COUNT - 1}@example.com`);
    const search = page.getByLabel('Search by name, email or API key');
    await measure('search, rare', () => search.fill('user77777@'), 'user77777@example.com');
    await measure('search, common', () => search.fill('bob'), `user${COUNT - 2}@example.com`);
    await search.fill('');
    await page
      .getByText(`user${COUNT - 1}@example.com`, { exact: true })
      .first()
      .waitFor();
    await measure('sort', () => page.getByRole('button', { name: 'User', exact: true }).click(), 'user1@example.com');
    process.stdout.write(
      `${ENGINE}: milliseconds in the page, 200 of each search are for typing: ${JSON.stringify(times)}\n`,
    );
    expect(complaints).toEqual([]);
  }, 60_000);
});
