import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { axe } from '../support/axe.js';
import { hasBrowser, newPerson } from '../support/browser.js';
import { PASSWORD, startDesk, type TestDesk } from '../support/desk.js';

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('a first visit', () => {
  let desk: TestDesk;
  beforeAll(async () => {
    desk = await startDesk();
  });
  afterAll(() => desk?.close());

  it('shows something before any script has come, and until the first screen is there', async () => {
    const { page, complaints } = await newPerson(desk.browser, desk.latchkey.url);
    const held: (() => Promise<void>)[] = [];
    await page.route('**/assets/index-*.js', (route) => void held.push(() => route.continue()));
    await page.goto(`${desk.latchkey.url}/app/users`, { waitUntil: 'commit' });
    await page.getByText('Loading…').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Latchkey' }).waitFor();
    expect(await axe(page)).toEqual([]);
    const screens: (() => Promise<void>)[] = [];
    await page.route('**/assets/LoginScreen-*.js', (route) => void screens.push(() => route.continue()));
    const asked = page.waitForRequest('**/assets/LoginScreen-*.js');
    await Promise.all(held.map((go) => go()));
    await asked;
    expect(await page.getByText('Loading…').isVisible()).toBe(true);
    await Promise.all(screens.map((go) => go()));
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    expect(await page.getByText('Loading…').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  it('leaves nothing in the console, and leads to where one wanted to go', async () => {
    const { page, context } = await newPerson(desk.browser, desk.latchkey.url);
    const lines: string[] = [];
    page.on('console', (message) => lines.push(message.text()));
    await page.goto(`${desk.latchkey.url}/app/users`, { waitUntil: 'networkidle' });
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    expect(new URL(page.url()).search).toBe('?next=%2Fusers');
    expect(lines).toEqual([]);
    await context.close();
  });

  it('is over for every tab when one logs in', async () => {
    const { page, context } = await newPerson(desk.browser, desk.latchkey.url);
    await page.goto(`${desk.latchkey.url}/app/nowhere`);
    await page.getByRole('link', { name: 'Back to start' }).waitFor();
    const tab = await context.newPage();
    await tab.goto(`${desk.latchkey.url}/app/login`);
    await tab.getByLabel('Email or user name').fill(desk.manager);
    await tab.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await tab.getByRole('button', { name: 'Log in' }).click();
    await tab.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.getByRole('link', { name: 'Back to start' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await context.close();
  });

  it('asks who is there when there is a cookie, also one that is no good', async () => {
    const { page, context } = await newPerson(desk.browser, desk.latchkey.url);
    await context.addCookies([{ name: 'sid', value: 'x'.repeat(43), url: desk.latchkey.url }]);
    const asked = page.waitForResponse('**/v1/me');
    await page.goto(`${desk.latchkey.url}/app/users`);
    expect((await asked).status()).toBe(401);
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    await context.close();
  });
});
