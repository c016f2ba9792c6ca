import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { axe } from '../support/axe.js';
import { hasBrowser, type Person } from '../support/browser.js';
import { PASSWORD, startDesk, type TestDesk } from '../support/desk.js';

/** What is done is said once, and the focus is never lost on the way. */

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('what is done', () => {
  let desk: TestDesk;
  let one: Person;
  let page: Page;

  beforeAll(async () => {
    desk = await startDesk();
    one = await desk.person();
    page = one.page;
    // All that the live region has said.
    await page.addInitScript(() => {
      const heard: string[] = [];
      Object.assign(window, { heard });
      new MutationObserver((changes) => {
        for (const { target, addedNodes } of changes)
          if ((target as Element).id === 'live-region' && addedNodes[0]) heard.push(addedNodes[0].textContent!);
      }).observe(document, { subtree: true, childList: true });
    });
  });
  afterAll(() => desk?.close());

  /** It is to be seen, was heard once, and the focus is somewhere. */
  const said = async (text: string) => {
    await page.locator('#live-region[data-shown]').getByText(text, { exact: true }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' }); // half of its transition would be measured
    expect(await axe(page)).toEqual([]);
    const heard = await page.evaluate(() => (window as unknown as { heard: string[] }).heard.splice(0));
    expect(heard.filter((words) => words === text)).toEqual([text]);
    await page.waitForFunction(() => document.activeElement !== document.body);
  };
  const focused = () =>
    page.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.textContent}`);

  it('a new user: the focus is on the name', async () => {
    await page.goto(`${desk.latchkey.url}/app/users`);
    await page.getByRole('button', { name: 'New user' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Email').fill('anna.rossi@example.com');
    await dialog.getByLabel('Full name').fill('Anna Rossi');
    // As slow as it is elsewhere: the heading is there before the user is.
    await page.route('**/v1/users/*', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await route.continue();
    });
    await dialog.getByRole('button', { name: 'Create user' }).click();
    await page.getByRole('tab', { name: 'API Access' }).waitFor();
    await page.unrouteAll({ behavior: 'wait' });
    await dialog.waitFor({ state: 'detached' });
    expect(await focused()).toBe('H1 Anna Rossi');
  });

  it('a name, roles and a password', async () => {
    await page.getByRole('tab', { name: 'Details' }).click();
    await page.getByLabel('Full name').fill('Anna Rossi-Berg');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await said('Saved');
    expect(await focused()).toBe('BUTTON Save');
    await page.getByLabel('New password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Set a new password' }).click();
    await said('Password set');
    await page.getByRole('tab', { name: 'Roles' }).click();
    await page.getByRole('checkbox', { name: 'System Manager' }).check();
    await page.getByRole('button', { name: 'Save roles' }).click();
    await said('Saved');
  });

  it('a secret that is revoked', async () => {
    await desk.latchkey.keyOf('anna.rossi@example.com');
    await page.reload();
    await page.getByRole('tab', { name: 'API Access' }).click();
    await page.getByRole('button', { name: 'Revoke the secret default' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await said('Secret revoked');
  });

  it.each([
    ['Disable user', 'Anna Rossi-Berg disabled'],
    ['Enable user', 'Anna Rossi-Berg enabled'],
    ['Delete user', 'Anna Rossi-Berg deleted'],
  ])('%s', async (item, text) => {
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: item }).click();
    if (item !== 'Enable user') await page.getByRole('dialog').getByRole('button', { name: item }).click();
    await said(text);
  });

  it('moves nothing on My access while it loads on a phone', async () => {
    await desk.latchkey.keyOf(desk.manager);
    const her = await desk.person(desk.manager, { viewport: { width: 390, height: 844 } });
    await her.page.addInitScript(() => {
      Object.assign(window, { shifted: 0 });
      new PerformanceObserver((list) => {
        for (const { value } of list.getEntries() as unknown as { value: number }[])
          (window as unknown as { shifted: number }).shifted += value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    // One after the other, the key last.
    await her.page.route('**/v1/{users,api-keys}**', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, route.request().url().includes('api-keys') ? 900 : 300));
      await route.continue();
    });
    await her.page.goto(`${desk.latchkey.url}/app/me`, { waitUntil: 'networkidle' });
    await her.page.getByRole('button', { name: 'Change password' }).waitFor();
    expect(await her.page.evaluate(() => (window as unknown as { shifted: number }).shifted)).toBeLessThan(0.05);
    await her.context.close();
  });

  it('is one stop of Tab for each row of users, and fields that no phone zooms in on', async () => {
    for (let i = 0; i < 3; i++) await desk.latchkey.key();
    await desk.latchkey.dataSource.query('UPDATE lk_api_secrets SET last_used_at = created_at');
    const her = await desk.person(desk.manager, { hasTouch: true, isMobile: true });
    await her.page.goto(`${desk.latchkey.url}/app/users`);
    await her.page.locator('tbody time').first().waitFor();
    expect(await her.page.locator('tbody tr').evaluateAll(stops)).toEqual([1, 1, 1, 1]);
    const sizes = await her.page
      .locator('input, select')
      .evaluateAll((fields) => fields.map((field) => getComputedStyle(field).fontSize));
    expect(new Set(sizes)).toEqual(new Set(['16px']));
    await her.context.close();
  });

  it('complains of nothing', () => expect(one.complaints).toEqual([]));
});

function stops(rows: Element[]): number[] {
  const REACHED = 'a[href], button, input, select, textarea, [tabindex]:not([tabindex="-1"])';
  return rows.map((row) => row.querySelectorAll(REACHED).length);
}
