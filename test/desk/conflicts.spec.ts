import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { OPERATOR } from '../../src/users/principal.js';
import { hasBrowser, type Person } from '../support/browser.js';
import { PASSWORD, startDesk, type TestDesk } from '../support/desk.js';

/** Two people, or two tabs, change the same user: nobody loses what was typed or done, and each is told. */

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('a user who changed while somebody was editing', () => {
  let desk: TestDesk;
  let one: Person;
  let page: Page;
  let anna: string;

  beforeAll(async () => {
    desk = await startDesk();
    one = await desk.person();
    page = one.page;
  });
  afterAll(() => desk?.close());
  beforeEach(async () => {
    anna = await desk.newUser('Anna Rossi', ['System Manager']);
  });

  const stale = (at: Page) =>
    at.getByRole('alert').getByText('Anna Bianchi changed while you were editing. Your change was not saved.');
  const rename = () => desk.latchkey.accounts.update(OPERATOR, anna, { fullName: 'Anna Bianchi' });
  const read = () => desk.latchkey.users.find(OPERATOR, anna);

  it('keeps a role that was taken off the form, and takes it away when asked again', async () => {
    await page.goto(`${desk.latchkey.url}/app/user/${anna}?tab=roles`);
    await page.getByRole('checkbox', { name: 'System Manager' }).uncheck();
    const tab = await one.context.newPage();
    await tab.goto(`${desk.latchkey.url}/app/user/${anna}`);
    await tab.getByLabel('Full name').fill('Anna Bianchi');
    await tab.getByRole('button', { name: 'Save', exact: true }).click();
    await tab.getByRole('heading', { level: 1, name: 'Anna Bianchi' }).waitFor();
    await tab.close();

    await page.getByRole('button', { name: 'Save roles' }).click();
    await stale(page).waitFor();
    expect(await page.getByRole('checkbox', { name: 'System Manager' }).isChecked()).toBe(false);
    expect((await read()).roles).toEqual(['System Manager']);
    await page.getByRole('button', { name: 'Save mine anyway' }).click();
    await page.getByRole('status').getByText('Saved').waitFor();
    expect((await read()).roles).toEqual([]);
    await stale(page).waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Save roles');
  });

  it('is changed in two tabs by one person, who loses nothing and is no conflict', async () => {
    const tab = (name: string) => page.getByRole('tab', { name }).click();
    await page.goto(`${desk.latchkey.url}/app/user/${anna}`);
    await page.getByLabel('Full name').fill('Anna Verdi');
    await tab('Roles');
    await page.getByRole('checkbox', { name: 'System Manager' }).uncheck();
    await tab('Details');
    expect(await page.getByLabel('Full name').inputValue()).toBe('Anna Verdi');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Anna Verdi' }).waitFor();
    await tab('Roles');
    expect(await page.getByRole('checkbox', { name: 'System Manager' }).isChecked()).toBe(false);
    await page.getByRole('button', { name: 'Save roles' }).click();
    await page.getByRole('status').getByText('Saved').waitFor();
    expect(await read()).toMatchObject({ fullName: 'Anna Verdi', roles: [] });
  });

  it('gets a new password while a name is typed, which is no conflict; what another changed meanwhile is one', async () => {
    const save = page.getByRole('button', { name: 'Save', exact: true });
    const setPassword = async (password: string) => {
      await page.getByLabel('New password').fill(password);
      await page.getByRole('button', { name: 'Set a new password' }).click();
      await page.waitForFunction(() => document.querySelector<HTMLInputElement>('[type=password]')?.value === '');
    };
    await page.goto(`${desk.latchkey.url}/app/user/${anna}`);
    await page.getByLabel('Full name').fill('Anna Verdi');
    await setPassword(`${PASSWORD}!`);
    expect(await page.getByLabel('Full name').inputValue()).toBe('Anna Verdi');
    await save.click();
    await page.getByRole('heading', { level: 1, name: 'Anna Verdi' }).waitFor();
    expect((await read()).fullName).toBe('Anna Verdi');

    await page.getByLabel('Full name').fill('Anna Neri');
    await rename();
    await setPassword(`${PASSWORD}?`);
    await save.click();
    await stale(page).waitFor();
    expect((await read()).fullName).toBe('Anna Bianchi');
  });

  it('gives a draft up when asked', async () => {
    await page.goto(`${desk.latchkey.url}/app/user/${anna}?tab=roles`);
    await page.getByRole('checkbox', { name: 'System Manager' }).uncheck();
    await rename();
    await page.getByRole('button', { name: 'Save roles' }).click();
    await page.getByRole('button', { name: 'Use the new values' }).click();
    expect(await page.getByRole('checkbox', { name: 'System Manager' }).isChecked()).toBe(true);
    expect(await stale(page).count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Save roles');
    expect((await read()).roles).toEqual(['System Manager']);
  });

  it('keeps a name that was typed, and what the other one did, until one decides', async () => {
    await page.goto(`${desk.latchkey.url}/app/user/${anna}`);
    await page.getByLabel('Full name').fill('Anna Verdi');
    await rename();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await stale(page).waitFor();
    expect(await page.getByLabel('Full name').inputValue()).toBe('Anna Verdi');
    expect((await read()).fullName).toBe('Anna Bianchi');
    await page.getByRole('button', { name: 'Use the new values' }).click();
    expect(await page.getByLabel('Full name').inputValue()).toBe('Anna Bianchi');
  });

  it('is not disabled or deleted by who saw another state', async () => {
    for (const [item, done] of [
      ['Disable user', async () => expect((await read()).enabled).toBe(false)],
      ['Enable user', async () => expect((await read()).enabled).toBe(true)],
      ['Delete user', async () => await expect(read()).rejects.toMatchObject({ code: 'not_found' })],
    ] as const) {
      await desk.latchkey.accounts.update(OPERATOR, anna, { fullName: 'Anna Rossi' });
      await page.goto(`${desk.latchkey.url}/app/user/${anna}`);
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: item }).waitFor();
      await rename();
      await page.getByRole('menuitem', { name: item }).click();
      if (item !== 'Enable user') await page.getByRole('dialog').getByRole('button', { name: item }).click();
      await stale(page).waitFor();
      expect((await read()).enabled).toBe(item !== 'Enable user');
      await page.getByRole('button', { name: 'Save mine anyway' }).click();
      await page
        .getByRole('status')
        .getByText(/^Anna Bianchi (disabled|enabled|deleted)$/)
        .waitFor();
      await done();
    }
  });

  it('is told of the own profile as well', async () => {
    const her = await desk.person(anna);
    await her.page.goto(`${desk.latchkey.url}/app/me`);
    await her.page.getByLabel('Full name').fill('Anna Verdi');
    await rename();
    await her.page.getByRole('button', { name: 'Save', exact: true }).click();
    await stale(her.page).waitFor();
    await her.page.getByRole('button', { name: 'Save mine anyway' }).click();
    await her.page.getByRole('status').getByText('Saved').waitFor();
    expect((await read()).fullName).toBe('Anna Verdi');
    await her.page.getByRole('button', { name: 'Anna Verdi' }).waitFor();

    // What one does oneself is no conflict.
    await her.page.getByLabel('Current password').fill(PASSWORD);
    await her.page.getByLabel('New password', { exact: true }).fill(`${PASSWORD}!`);
    await her.page.getByLabel('Confirm new password').fill(`${PASSWORD}!`);
    await her.page.getByRole('button', { name: 'Change password' }).click();
    await her.page.getByRole('status').getByText('Password changed').waitFor();
    await her.page.getByLabel('Full name').fill('Anna Neri');
    await her.page.getByRole('button', { name: 'Save', exact: true }).click();
    await her.page.getByRole('status').getByText('Saved').waitFor();
    await her.context.close();
  });

  /** A minute later somebody comes back to the page: what was read is asked for anew. */
  const lookAgain = async () => {
    await page.clock.fastForward(60_000);
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  };

  it('follows what is new while nothing is typed, and wipes nothing that is', async () => {
    await page.clock.install();
    await page.goto(`${desk.latchkey.url}/app/user/${anna}`);
    await page.getByLabel('New password').fill('half of a pass');
    await rename();
    await lookAgain();
    await page.getByRole('heading', { level: 1, name: 'Anna Bianchi' }).waitFor();
    expect(await page.getByLabel('Full name').inputValue()).toBe('Anna Bianchi');
    expect(await page.getByLabel('New password').inputValue()).toBe('half of a pass');

    await page.getByLabel('Full name').fill('Anna Ver');
    await desk.latchkey.accounts.update(OPERATOR, anna, { fullName: 'Anna Neri' });
    await lookAgain();
    await page.getByRole('heading', { level: 1, name: 'Anna Neri' }).waitFor();
    expect(await page.getByLabel('Full name').inputValue()).toBe('Anna Ver');
  });

  it('complains of nothing', () => expect(one.complaints).toEqual([]));
});
