import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Locator, Page, Route } from 'playwright-core';
import { OPERATOR } from '../../src/users/principal.js';
import { SessionsService } from '../../src/sessions/sessions.service.js';
import { hasBrowser, type Person } from '../support/browser.js';
import { generateKeys, rotateAtOnce, startDesk, type TestDesk } from '../support/desk.js';

/** A new secret is on the screen, or on its way there, and nobody has it yet: whatever happens, the person is asked or told. */

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('a secret that was not copied', () => {
  let desk: TestDesk;
  let one: Person;
  let page: Page;
  let anna: string;
  let dialog: Locator;

  beforeAll(async () => {
    desk = await startDesk();
  });
  afterAll(() => desk?.close());
  beforeEach(async () => {
    anna = await desk.newUser('Anna Rossi');
    one = await desk.person();
    page = one.page;
    dialog = page.getByRole('dialog', { name: 'API keys' });
  });

  const open = () => page.goto(`${desk.latchkey.url}/app/user/${anna}?tab=api-access`);
  const generate = async () => {
    await generateKeys(page);
    await dialog.getByRole('button', { name: 'Copy token' }).waitFor();
  };
  const hint = async () =>
    (await desk.latchkey.apiKeys.list(OPERATOR, { user: anna, limit: 1 })).items[0]!.secrets[0]!.hint;

  it('is asked for before Back leads away from it', async () => {
    await page.goto(`${desk.latchkey.url}/app/users`);
    await page.getByRole('link', { name: 'Anna Rossi' }).first().click(); // newest first
    await page.getByRole('tab', { name: 'API Access' }).click();
    await generate();
    const secret = await dialog.getByText(/^lks_/).textContent();
    await page.goBack();
    await dialog.getByText('You haven’t copied the secret yet').waitFor();
    await dialog.getByRole('button', { name: 'Go back' }).click();
    await dialog.getByText(secret!, { exact: true }).waitFor();
    expect(decodeURIComponent(new URL(page.url()).pathname)).toBe(`/app/user/${anna}`);
    await page.goBack();
    await dialog.getByRole('button', { name: 'Close anyway' }).click();
    await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
    await dialog.waitFor({ state: 'detached' });
    expect(one.complaints).toEqual([]);
    await one.context.close();
  });

  it('is asked for before the page is loaded again or closed; a copied one is not', async () => {
    await open();
    await generate();
    const asked: string[] = [];
    page.on('dialog', (question) => {
      asked.push(question.type());
      void question.dismiss();
    });
    await page.evaluate(() => location.reload());
    await dialog.getByText(/^lks_/).waitFor();
    expect(asked).toEqual(['beforeunload']);
    await dialog.getByRole('button', { name: 'Copy token' }).click();
    await dialog.getByText('Copied').first().waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Rotate the secret default' }).waitFor();
    expect(asked).toEqual(['beforeunload']);
    await one.context.close();
  });

  it('outlives the session', async () => {
    await open();
    await page.route('**/v1/api-keys', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      const response = await route.fetch();
      await desk.latchkey.app.get(SessionsService).endAll(OPERATOR, desk.manager);
      return route.fulfill({ response });
    });
    await generate();
    await dialog.getByText('Your session has ended').waitFor();
    const token = `${await dialog.getByText(/^lk_\w+$/).textContent()}:${await dialog.getByText(/^lks_/).textContent()}`;
    expect((await desk.latchkey.call('GET', '/v1/me', { auth: `token ${token}` })).json.name).toBe(anna);
    await dialog.getByRole('button', { name: 'Copy token' }).click();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    await one.context.close();
  });

  it('outlives the role of the one who made it', async () => {
    await open();
    await page.route('**/v1/api-keys', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      const response = await route.fetch();
      await desk.latchkey.accounts.update(OPERATOR, desk.manager, { roles: [] });
      return route.fulfill({ response });
    });
    const refused = page.waitForResponse((response) => response.status() === 403);
    await generate();
    await refused;
    await dialog.getByRole('button', { name: 'Copy token' }).click();
    await dialog.getByText('Copied').first().waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('heading', { name: /There is no user/ }).waitFor();
    await desk.latchkey.accounts.update(OPERATOR, desk.manager, { roles: ['System Manager'] });
    await one.context.close();
  });

  it.each(['the connection breaks', 'a proxy gives up'])('is not passed off as the old one when %s', async (way) => {
    await desk.latchkey.keyOf(anna);
    await open();
    const old = await hint();
    const lose = async (route: Route) => {
      await route.fetch();
      return way === 'the connection breaks' ? route.abort('connectionreset') : route.fulfill({ status: 504 });
    };
    await page.route('**/v1/api-keys/*/secrets', lose, { times: 1 });
    await rotateAtOnce(page);
    await page.getByText('The secret was replaced, but the answer was lost. Rotate it again, at once.').waitFor();
    expect(await hint()).not.toBe(old);
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
    await dialog.getByRole('button', { name: 'Copy token' }).waitFor();
    await one.context.close();
  });

  it('is told of when it was the first', async () => {
    await open();
    await page.route('**/v1/api-keys', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      await route.fetch();
      return route.abort('connectionreset');
    });
    await generateKeys(page);
    await page
      .getByText('A secret was created, but the answer was lost. Rotate it, at once, to get another.')
      .waitFor();
    await page.getByText(`ends in ${await hint()}`).waitFor();
    await one.context.close();
  });

  it('is not said to be there when nothing was sent', async () => {
    await desk.latchkey.keyOf(anna);
    await open();
    await page.route('**/v1/api-keys/*/secrets', (route) => route.abort('connectionrefused'));
    await rotateAtOnce(page);
    await page.getByText('The server doesn’t answer.').waitFor();
    expect(await page.getByText('was lost').count()).toBe(0);
    await one.context.close();
  });
});
