import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { OPERATOR } from '../../src/users/principal.js';
import type { TestApp } from '../support/app.js';
import { hasBrowser, newPerson, type Person } from '../support/browser.js';
import { generateKeys, PASSWORD, startDesk, type TestDesk } from '../support/desk.js';

/** What a System Manager does in the page besides keys: the own key's return, roles, and sessions. */

let desk: TestDesk;
let latchkey: TestApp;
let jonasName: string;
let mara: Person;
let jonas: Person;
let page: Page;

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('a System Manager', () => {
  beforeAll(async () => {
    desk = await startDesk();
    ({ latchkey } = desk);
    jonasName = await desk.newUser('Jonas Okafor');
    mara = await desk.person();
    ({ page } = mara);
    jonas = await newPerson(desk.browser, latchkey.url);
  });
  afterAll(() => desk?.close());

  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
  async function logIn({ page: at }: Person): Promise<void> {
    await at.goto(`${latchkey.url}/app/login`);
    await at.getByLabel('Email or user name').fill(jonasName);
    await at.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await at.getByRole('button', { name: 'Log in' }).click();
    await at.getByRole('heading', { level: 1, name: 'My access' }).waitFor();
  }
  const isIn = async ({ context }: Person) => {
    const { status } = await latchkey.call('GET', '/v1/me', {
      headers: { cookie: (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ') },
    });
    return status === 200;
  };

  it('who has no key, or has revoked it, is led to where to generate one', async () => {
    const toKeys = () => page.getByRole('link', { name: 'Your API Access' });
    await page.goto(`${latchkey.url}/app/me`);
    await toKeys().click();
    await generateKeys(page);
    const dialog = page.getByRole('dialog', { name: 'API keys' });
    await dialog.getByRole('button', { name: 'Copy token' }).click();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('link', { name: 'My access' }).click();
    await button('Revoke the secret default').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await toKeys().click();
    await page.getByRole('tab', { name: 'API Access', selected: true }).waitFor();
    await logIn(jonas);
    await jonas.page.getByText('Ask a System Manager to generate one').waitFor();
    expect(await jonas.page.getByRole('link', { name: 'Your API Access' }).count()).toBe(0);
  });

  it('makes and deletes roles, on a screen that knows how many users hold each', async () => {
    await page.getByRole('link', { name: 'Roles' }).click();
    const row = (role: string) => page.getByRole('listitem').filter({ hasText: role });
    await row('System Manager').getByText('1 user').waitFor();
    await row('System Manager').getByText('Built in').waitFor();
    for (const role of ['Reader', 'Writer']) {
      await page.getByLabel('Name').fill(role);
      await button('Create role').click();
      await row(role).getByText('0 users').waitFor();
    }
    await page.getByLabel('Name').fill('Reader');
    await button('Create role').click();
    await page.getByText('There is a role "Reader" already.').waitFor();
    await latchkey.users.update(OPERATOR, jonasName, { roles: ['Reader'] });
    await button('Delete the role Writer').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await row('Writer').waitFor({ state: 'detached' });
    // Somebody has got it since the page has counted: the server says so.
    await button('Delete the role Reader').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The role "Reader" is held by somebody.').waitFor();
    await page.reload();
    await row('Reader').getByText('In use').waitFor();
    await row('Reader').getByRole('link', { name: '1 user' }).click();
    await page.locator('output').getByText('1 user', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Jonas Okafor' }).waitFor();
    await jonas.page.goto(`${latchkey.url}/app/roles`);
    await jonas.page.getByRole('heading', { level: 1, name: 'My access' }).waitFor();
    expect(await jonas.page.getByRole('link', { name: 'Roles' }).count()).toBe(0);
  });

  it('sees where a user is logged in, and ends one session or all', async () => {
    const other = await newPerson(desk.browser, latchkey.url);
    await logIn(other);
    await page.goto(`${latchkey.url}/app/user/${jonasName}?tab=sessions`);
    const rows = page.getByRole('listitem').filter({ hasText: 'Chrome on Linux · 127.0.0.1 · active now' });
    await rows.nth(1).waitFor();
    expect(await rows.count()).toBe(2);
    // The last log-in comes first, since it was seen last.
    await rows.first().getByRole('button', { name: 'End session: Chrome on Linux at 127.0.0.1' }).click();
    await rows.nth(1).waitFor({ state: 'detached' });
    expect([await isIn(other), await isIn(jonas)]).toEqual([false, true]);
    await button('Log out everywhere').click();
    await page.getByRole('dialog').getByText('One session ends at once.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Log out everywhere' }).click();
    await page.getByText('Jonas Okafor isn’t logged in anywhere.').waitFor();
    expect(await isIn(jonas)).toBe(false);
    expect(await isIn(mara)).toBe(true);
    await other.context.close();
  });

  it('and everybody logs out everywhere else, or here', async () => {
    const other = await newPerson(desk.browser, latchkey.url);
    await logIn(other);
    await logIn(jonas);
    const own = jonas.page;
    await own.getByText('This session').waitFor();
    await own.getByRole('button', { name: 'Log out everywhere else' }).click();
    await own.getByRole('dialog').getByText('One other session ends at once.').waitFor();
    await own.getByRole('dialog').getByRole('button', { name: 'Log out everywhere else' }).click();
    await own.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await own.getByRole('button', { name: 'Log out everywhere else' }).count()).toBe(0);
    expect([await isIn(other), await isIn(jonas)]).toEqual([false, true]);
    await own.getByRole('button', { name: /^Log out of this session/ }).click();
    await own.getByRole('button', { name: 'Log in' }).waitFor();
    expect(await isIn(jonas)).toBe(false);
    expect([mara.complaints, jonas.complaints]).toEqual([[], []]);
  });
});
