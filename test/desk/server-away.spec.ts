import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { freshDatabase, startApp, type TestApp, type TestDatabase } from '../support/app.js';
import { hasBrowser } from '../support/browser.js';
import { startDesk, type TestDesk } from '../support/desk.js';

/** The server ends while the page is open, and comes back: one goes on where one was. */

const inBrowser = hasBrowser ? describe : describe.skip;
const SAID = 'Can’t reach the server. Retrying…';

inBrowser('a server that is away for a while', () => {
  let database: TestDatabase;
  let desk: TestDesk;
  let latchkey: TestApp;
  let page: Page;
  let url: string;

  beforeAll(async () => {
    database = await freshDatabase();
    desk = await startDesk(database);
    ({ latchkey } = desk);
    ({ url } = latchkey);
  });
  beforeEach(async () => {
    ({ page } = await desk.person());
  });
  afterAll(async () => {
    await desk?.browser.close();
    await latchkey?.close();
    await database?.remove();
  });
  const arrive = async (path: string, heading: string) => {
    await page.goto(url + path, { waitUntil: 'networkidle' });
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  };
  const end = () => latchkey.close();
  const startAgain = async () => {
    latchkey = await startApp({ port: Number(new URL(url).port) }, database);
  };

  it('is waited for by a screen whose file is not there yet', async () => {
    await arrive('/app/users', 'Users');
    await end();
    await page.getByRole('link', { name: 'My access' }).click();
    await page.getByText(SAID).waitFor();
    await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
    await startAgain();
    await page.getByRole('heading', { level: 1, name: 'My access' }).waitFor();
    await page.getByText(SAID).waitFor({ state: 'detached' });
    expect(new URL(page.url()).pathname).toBe('/app/me');
    await page.getByText('You have no API key').waitFor();
  });

  it('is asked again for what it could not tell, and what is typed stays', async () => {
    await arrive(`/app/user/${desk.manager}`, 'Mara Lindqvist');
    await page.getByLabel('Full name').waitFor();
    await page.getByLabel('Full name').fill('Mara Lindqvist-Berg');
    await end();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText(SAID).waitFor();
    await startAgain();
    await page.getByText(SAID).waitFor({ state: 'detached' });
    expect(await page.getByLabel('Full name').inputValue()).toBe('Mara Lindqvist-Berg');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Mara Lindqvist-Berg' }).waitFor();
  });

  it('has been upgraded: the page is loaded again, to where one wanted to go', async () => {
    await arrive('/app/users', 'Users');
    await page.evaluate(() => Object.assign(window, { before: true }));
    let old = true;
    page.on('request', (request) => void (request.isNavigationRequest() && (old = false)));
    await page.route('**/assets/MeScreen-*.js', (route) => (old ? route.fulfill({ status: 404 }) : route.continue()));
    await page.getByRole('link', { name: 'My access' }).click();
    await page.getByRole('heading', { level: 1, name: 'My access' }).waitFor();
    expect(await page.evaluate(() => 'before' in window)).toBe(false);
  });
});
