import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { OPERATOR } from '../../src/users/principal.js';
import type { TestKey } from '../support/app.js';
import { hasBrowser, type Person } from '../support/browser.js';
import { startDesk, type TestDesk } from '../support/desk.js';

/** From whatever one has in hand to the user it belongs to, on the screen Users. */

const DAY = 24 * 60 * 60_000;

let desk: TestDesk;
let url: string;
let person: Person;
let page: Page;
let anna: TestKey;

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('a user is found', () => {
  beforeAll(async () => {
    desk = await startDesk();
    const { latchkey, manager, newUser } = desk;
    ({ url } = latchkey);
    const rossi = await newUser('Anna Maria Rossi');
    const jonas = await newUser('Jonas Okafor');
    const aiko = await newUser('Aiko Tanaka');
    await latchkey.keyOf(manager);
    anna = await latchkey.keyOf(rossi);
    await latchkey.apiKeys.generate(OPERATOR, { user: jonas, expiresAt: new Date(Date.now() + 8 * DAY) });
    for (const [days, user] of [manager, rossi, jonas, aiko].entries()) {
      const made = [Date.now() - days * DAY, user];
      await latchkey.dataSource.query('UPDATE lk_users SET created_at = ? WHERE name = ?', made);
    }
    const used = [Date.now() - DAY, anna.apiKey];
    await latchkey.dataSource.query('UPDATE lk_api_keys SET last_used_at = ? WHERE api_key = ?', used);
    person = await desk.person();
    ({ page } = person);
    await page.goto(`${url}/app/users`);
  });
  afterAll(() => desk?.close());

  const field = () => page.getByLabel('Search by name, email or API key');
  const names = () => page.locator('tbody a').allTextContents();
  async function shows(...users: string[]): Promise<void> {
    await page.waitForFunction(
      (expected) => {
        const links = [...document.querySelectorAll('table[aria-busy=false] tbody a')];
        return links.map(({ textContent }) => textContent).join() === expected;
      },
      users.join(),
      { timeout: 5000 },
    );
    expect(await names()).toEqual(users);
  }
  const everybody = ['Mara Lindqvist', 'Anna Maria Rossi', 'Jonas Okafor', 'Aiko Tanaka'];

  it('by any word of the name, and by the API key', async () => {
    await shows(...everybody);
    for (const search of ['rossi', 'MARIA', 'ross an', anna.apiKey]) {
      await field().fill(search);
      await shows('Anna Maria Rossi');
      await field().fill('');
      await shows(...everybody);
    }
  });

  it.each<[string, (key: TestKey) => string]>([
    ['a token', ({ apiKey, apiSecret }) => `${apiKey}:${apiSecret}`],
    ['a header', ({ token }) => `Authorization: ${token}`],
    ['a Basic header', (key) => `Authorization: Basic ${btoa(`${key.apiKey}:${key.apiSecret}`)}`],
    ['a line of curl', ({ token }) => `curl https://keys.example.com/v1/me -H "Authorization: ${token}"`],
  ])('by %s that is pasted or typed, whose secret stays in the page', async (_, text) => {
    const { apiSecret, apiKey } = anna;
    const pasted = text(anna);
    await page.goto(`${url}/app/users`); // which has nothing in its cache
    person.requests.length = 0;
    await page.evaluate((words) => navigator.clipboard.writeText(words), pasted);
    await field().focus();
    await page.keyboard.press('Control+V');
    await shows('Anna Maria Rossi');
    expect(await field().inputValue()).toBe(apiKey);
    await field().fill('');
    await shows(...everybody);
    await field().fill(pasted);
    await shows('Anna Maria Rossi');
    expect(new URL(page.url()).searchParams.get('search')).toBe(apiKey);
    const sent = person.requests.join('\n');
    expect(sent).toContain(`search=${apiKey}`);
    for (const secret of [apiSecret, 'lks_', btoa(`${apiKey}:${apiSecret}`).slice(-40)]) {
      expect(sent).not.toContain(secret);
    }
    await field().fill('');
    await shows(...everybody);
  });

  it('by nothing of a secret alone', async () => {
    person.requests.length = 0;
    await field().fill(anna.apiSecret);
    await page.waitForTimeout(500);
    await shows(...everybody);
    expect(person.requests.filter((request) => !request.includes('favicon'))).toEqual([]);
    const told = page.getByText('A secret can’t be searched for, and was not sent.');
    await told.waitFor();
    await field().fill('');
    await told.waitFor({ state: 'detached' });
    await page.evaluate((words) => navigator.clipboard.writeText(words), anna.apiSecret);
    await field().focus();
    await page.keyboard.press('Control+V');
    await told.waitFor();
    expect(await field().inputValue()).toBe('');
    await field().fill('anna');
    await told.waitFor({ state: 'detached' });
    await field().fill('');
    await shows(...everybody);
  });

  it('by no key that nobody has, which says so', async () => {
    await field().fill(`lk_${'0'.repeat(22)}`);
    await page.getByText('No user has this API key. Check that it is whole').waitFor();
    await page.getByRole('button', { name: 'Clear search and filters' }).click();
    await shows(...everybody);
  });

  it('and the way back leads to the list as it was left', async () => {
    await page.getByLabel('Status').selectOption('true');
    await field().fill('o');
    await shows('Jonas Okafor');
    await page.getByRole('link', { name: 'Jonas Okafor' }).click();
    await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'Users' }).click();
    await shows('Jonas Okafor');
    expect(new URL(page.url()).search).toBe('?search=o&enabled=true');
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await shows(...everybody);
  });

  it('by when the key was used last or expires, and by age', async () => {
    const sort = async (column: string, order: string, ...users: string[]) => {
      await page.getByRole('button', { name: column, exact: true }).click();
      await shows(...users);
      expect(await page.locator('th[aria-sort]:not([aria-sort=none])').getAttribute('aria-sort')).toBe(order);
    };
    const [mara, rossi, jonas, aiko] = everybody as [string, string, string, string];
    await sort('Expires', 'ascending', jonas, mara, rossi, aiko);
    await sort('Expires', 'descending', jonas, mara, rossi, aiko);
    await sort('Last used', 'descending', rossi, mara, jonas, aiko);
    await sort('Created', 'descending', mara, rossi, jonas, aiko);
    await sort('Created', 'ascending', aiko, jonas, rossi, mara);
    await sort('Created', 'descending', mara, rossi, jonas, aiko);
    const row = page.getByRole('row', { name: /Jonas/ });
    expect(await row.getByText('in 7 days').count()).toBe(1);
    expect(await row.getByText('2 days ago').count()).toBe(1);
  });

  it('and what was asked for is cleared, when there is something to clear', async () => {
    const clear = page.getByRole('button', { name: 'Clear', exact: true });
    expect(await clear.count()).toBe(0);
    await page.getByLabel('Status').selectOption('true');
    await clear.click();
    await clear.waitFor({ state: 'detached' });
    await shows(...everybody);
  });

  it('by typing, which calls nobody back who has opened a user meanwhile', async () => {
    await page.goto(`${url}/app/users`);
    await shows(...everybody);
    await page.route('**/UserScreen*.js', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 600)); // longer than the search waits for more to be typed
      await route.continue();
    });
    await field().pressSequentially('jo');
    await page.getByRole('link', { name: 'Jonas Okafor' }).click();
    await page.getByRole('tab', { name: 'API Access', selected: true }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/app\/user\//);
    await page.unrouteAll({ behavior: 'wait' });
    await page.goto(`${url}/app/users`);
    await shows(...everybody);
  });

  it('and opened where its key is', async () => {
    await page.getByRole('link', { name: 'Jonas Okafor' }).click();
    await page.getByRole('tab', { name: 'API Access', selected: true }).waitFor();
    expect(person.complaints).toEqual([]);
  });
});
