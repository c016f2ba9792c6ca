import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { ScopesService } from '../../src/api-keys/scopes.service.js';
import { OPERATOR } from '../../src/users/principal.js';
import { LastUse } from '../../src/verification/last-use.js';
import type { TestKey } from '../support/app.js';
import { axe } from '../support/axe.js';
import { hasBrowser, type Person } from '../support/browser.js';
import { startDesk, type TestDesk } from '../support/desk.js';

/** Several secrets of one key in the page: added with scopes, networks and limits, rotated with an overlap, kept, ended, edited. */

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('the secrets of a key', () => {
  let desk: TestDesk;
  let one: Person;
  let page: Page;
  let anna: string;
  let key: TestKey;

  beforeAll(async () => {
    desk = await startDesk();
    const scopes = desk.latchkey.app.get(ScopesService);
    for (const [name, description] of [
      ['reports:read', 'Read reports'],
      ['reports:write', 'Write reports'],
      ['invoices:read', 'Read invoices'],
    ] as const)
      await scopes.create(OPERATOR, { name, description });
    one = await desk.person();
    page = one.page;
  });
  afterAll(() => desk?.close());
  beforeEach(async () => {
    anna = await desk.newUser('Anna Rossi');
    key = await desk.latchkey.keyOf(anna);
  });

  const open = () => page.goto(`${desk.latchkey.url}/app/user/${anna}?tab=api-access`);
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const dialog = (name: string) => page.getByRole('dialog', { name });
  const shown = () => dialog('API keys');
  const secrets = async () => (await desk.latchkey.apiKeys.find(OPERATOR, key.apiKey)).secrets;
  const named = async (name: string) => (await secrets()).find((secret) => secret.name === name)!;
  const add = (name: string, more: object = {}) =>
    desk.latchkey.apiKeys.generate(OPERATOR, { user: anna, name, ...more });
  const row = (name: string, state: string) =>
    page
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading', { name, exact: true }) })
      .filter({ hasText: state });
  /** Takes what is shown, and closes the dialog. */
  const take = async () => {
    await shown().getByRole('button', { name: 'Copy token' }).click();
    await shown().getByText('Copied').first().waitFor();
    const token = `token ${await page.evaluate(() => navigator.clipboard.readText())}`;
    await shown().getByRole('button', { name: 'Done' }).click();
    await shown().waitFor({ state: 'detached' });
    return token;
  };
  const use = async (token: string, agent = 'curl/8.14.1') => {
    const answer = await desk.latchkey.call('GET', '/v1/me', { auth: token, headers: { 'user-agent': agent } });
    await desk.latchkey.app.get(LastUse).onApplicationShutdown(); // writes it now
    return answer;
  };
  const focused = () =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent);
  const text = (at: Locator) => at.innerText();

  it('one is added with a name, scopes and networks, and works within them', async () => {
    await open();
    await button('Add secret').click();
    const form = dialog('Add secret');
    await form.getByLabel('Name').fill('ci');
    await form.getByLabel('Expires').selectOption({ label: 'In 90 days' });
    await form.getByRole('radio', { name: 'Only what these scopes allow' }).check();
    await form.getByText('No scope chosen: it can only prove who it is.').waitFor();
    await form.getByLabel('Search scopes').fill('invo');
    expect(await form.getByRole('checkbox').count()).toBe(2); // the group, and the one that is in it
    await form.getByRole('checkbox', { name: 'invoices:read' }).check();
    await form.getByLabel('Search scopes').fill('write rep');
    expect(await form.getByRole('checkbox').count()).toBe(1);
    await form.getByLabel('Search scopes').fill('reports');
    await form.getByRole('checkbox', { name: 'reports:read' }).check();
    await form.getByRole('checkbox', { name: 'reports:*' }).check();
    expect(await form.getByRole('checkbox', { name: 'reports:write' }).isChecked()).toBe(true);
    expect(await form.getByRole('checkbox', { name: 'reports:write' }).isDisabled()).toBe(true);
    expect(await text(form.locator('output'))).toBe('invoices:read\nreports:*');

    const networks = form.getByLabel('Networks');
    for (const [typed, said] of [
      ['10.0.0', '“10.0.0” is no address or network'],
      ['10.0.0.1/24', '“10.0.0.1/24” is an address within a network. The network is 10.0.0.0/24.'],
      ['10.0.0.0/33', '“10.0.0.0/33” has to end in a length from 0 to 32.'],
    ]) {
      await networks.fill(typed!);
      await form.getByText(said!).waitFor();
    }
    await form.getByRole('button', { name: 'Add secret' }).click();
    expect(await networks.evaluate((field) => field === document.activeElement)).toBe(true); // nothing was sent
    const leftOut = form.getByText('These networks leave out 127.0.0.1, from where you logged in.');
    await networks.fill('192.0.2.0/24');
    await leftOut.waitFor();
    await networks.fill('192.0.2.0/24\n127.0.0.0/8');
    await leftOut.waitFor({ state: 'detached' });
    await form.getByRole('button', { name: 'Add secret' }).click();
    await shown().getByText('The secret default goes on working.').waitFor();
    const token = await take();

    const { status, json } = await use(token);
    expect([status, json.credential.secretName, json.credential.scopes]).toEqual([
      200,
      'ci',
      ['invoices:read', 'reports:*'],
    ]);
    expect((await named('ci')).allowedNetworks).toEqual(['192.0.2.0/24', '127.0.0.0/8']);
    expect(Math.round(((await named('ci')).expiresAt!.getTime() - Date.now()) / DAY)).toBe(90);
    expect((await use(key.token)).status).toBe(200);
    await page.reload();
    const said = await text(row('ci', 'Active'));
    for (const words of ['invoices:read', 'reports:*', '192.0.2.0/24', '127.0.0.0/8', 'from 127.0.0.1 by curl/8.14.1'])
      expect(said).toContain(words);
    expect(await text(row('default', 'Active'))).toContain('Everything that the user may');
  });

  it('none takes the place of another by being added', async () => {
    await add('ci');
    const { id } = await named('ci');
    await open();
    await button('Add secret').click();
    const form = dialog('Add secret');
    await form.getByLabel('Name').fill(' ci ');
    await form.getByRole('button', { name: 'Add secret' }).click();
    await form.getByText('There is an active secret ci already.').waitFor();
    expect((await named('ci')).id).toBe(id);
    await form.getByLabel('Name').fill('deploy');
    await form.getByRole('button', { name: 'Add secret' }).click();
    await take();
    expect((await secrets()).map(({ name, state }) => `${name} ${state}`).toSorted()).toEqual([
      'ci live',
      'default live',
      'deploy live',
    ]);
  });

  it('one is rotated while programs go on with the old one, which is kept longer, and ended', async () => {
    const old = `token ${key.apiKey}:${(await add('ci', { scopes: ['reports:read'] })).apiSecret}`;
    await use(old, 'backup-script/2.1');
    await open();
    await button('Rotate the secret ci').click();
    const rotate = dialog('Rotate the secret ci');
    for (const label of ['At once', 'After 1 hour', 'After 1 day', 'After 7 days', 'After 30 days'])
      await rotate.getByRole('radio', { name: label, exact: true }).waitFor();
    expect(await text(rotate.getByText('from 127.0.0.1 by backup-script/2.1'))).toMatch(
      /^(just now|1 minute ago) from/,
    );
    await rotate.getByRole('radio', { name: 'After 7 days' }).check();
    await rotate.getByRole('button', { name: 'Rotate' }).click();
    await shown().getByText('The old secret, ending in', { exact: false }).waitFor();
    const token = await take();
    expect([(await use(old, 'backup-script/2.1')).status, (await use(token)).status]).toEqual([200, 200]);
    expect((await use(token)).json.credential.scopes).toEqual(['reports:read']);
    await page.reload();
    const retiring = row('ci', 'Replaced, still works');
    expect(await text(retiring)).toMatch(/7 days left[^]*from 127\.0\.0\.1 by backup-script\/2\.1/);
    expect(await text(row('ci', 'Active'))).toContain('from 127.0.0.1 by curl/8.14.1');

    // While it is under way, there is no other one but at once.
    await button('Rotate the secret ci').click();
    await rotate.getByText('A rotation is under way').waitFor();
    expect(await rotate.getByRole('radio', { name: 'After 1 hour' }).isDisabled()).toBe(true);
    expect(await rotate.getByRole('radio', { name: 'At once' }).isChecked()).toBe(true);
    await rotate.getByRole('button', { name: 'Cancel' }).click();
    await rotate.waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.textContent === 'Rotate');

    const ends = async () => (await secrets()).find(({ state }) => state === 'retiring')?.expiresAt?.getTime();
    const before = (await ends())!;
    await button('Keep longer: the old secret ci').click();
    const keep = dialog('Keep the old secret longer');
    await keep.getByLabel('Keep it for another').selectOption('30 days');
    await keep.getByRole('button', { name: 'Keep longer' }).click();
    await keep.waitFor({ state: 'detached' });
    expect(await ends()).toBe(before + 30 * DAY);
    expect(await text(retiring)).toContain('37 days left');

    await button('End now: the old secret ci').click();
    const end = dialog('End the old secret now?');
    await end.getByText('by backup-script/2.1').waitFor();
    await end.getByRole('button', { name: 'End now' }).click();
    await page.getByRole('status').getByText('Old secret ended').waitFor();
    await end.waitFor({ state: 'detached' });
    expect([(await use(old)).status, (await use(token)).status]).toEqual([401, 200]);
    expect(await retiring.count()).toBe(0);
    expect(await focused()).not.toBe('');
  });

  it('one that is about to be revoked tells who uses it, as of now, and warns of that alone', async () => {
    await open();
    await row('default', 'Never used').waitFor();
    await use(key.token);
    const ask = dialog('Revoke secret?');
    const revoke = row('default', '').getByRole('button', { name: /^Revoke/ });
    await revoke.click();
    await ask.getByText('This secret is in use').waitFor();
    expect(await text(ask)).toMatch(/It was last used just now from 127\.0\.0\.1/);
    await ask.getByRole('button', { name: 'Cancel' }).click();
    const longAgo = [Date.now() - 120.5 * DAY, key.apiKey];
    await desk.latchkey.dataSource.query('UPDATE lk_api_secrets SET last_used_at = ? WHERE api_key = ?', longAgo);
    await revoke.click();
    await ask.getByText('It was last used 120 days ago').waitFor();
    expect(await ask.getByText('This secret is in use').count()).toBe(0);
  });

  it('one that ends with a day says which', async () => {
    const [year] = [new Date().getFullYear() + 1];
    await add('until-spring', { expiresAt: new Date(year, 3, 1) });
    await add('until-noon', { expiresAt: new Date(year, 3, 1, 12) });
    await open();
    expect(await text(row('until-spring', ''))).toContain(`End of Mar 31, ${year}`);
    expect(await text(row('until-noon', ''))).toContain(`Apr 1, ${year}, 12:00`);
  });

  it('one that is rotated at once is dead', async () => {
    await open();
    await button('Rotate the secret default').click();
    const rotate = dialog('Rotate the secret default');
    await rotate.getByRole('radio', { name: 'At once' }).check();
    await rotate.getByRole('button', { name: 'Rotate' }).click();
    const token = await take();
    expect([(await use(key.token)).status, (await use(token)).status]).toEqual([401, 200]);
  });

  it('one of an overlap whose answer was lost is told of, and the way back', async () => {
    const other = await desk.person(); // whose page complains of the lost answer
    const at = other.page;
    await at.goto(`${desk.latchkey.url}/app/user/${anna}?tab=api-access`);
    await at.route(
      '**/v1/api-keys/*/secrets',
      async (route) => {
        await route.fetch();
        return route.abort('connectionreset');
      },
      { times: 1 },
    );
    await at.getByRole('button', { name: 'Rotate the secret default' }).click();
    const rotate = at.getByRole('dialog', { name: 'Rotate the secret default' });
    await rotate.getByRole('button', { name: 'Rotate' }).click();
    await rotate.getByText('A new secret was created, but the answer was lost. Revoke it').waitFor();
    await rotate.getByRole('button', { name: 'Cancel' }).click();
    await rotate.waitFor({ state: 'detached' });
    await at.getByRole('button', { name: 'Revoke the secret default' }).click();
    const revoke = at.getByRole('dialog', { name: 'Revoke secret?' });
    await revoke.getByText('is active again until its end').waitFor();
    await revoke.getByRole('button', { name: 'Revoke' }).click();
    await at.getByRole('status').getByText('Secret revoked').waitFor();
    expect((await use(key.token)).status).toBe(200);
    await at.getByText(`ends in ${(await secrets()).find(({ state }) => state === 'live')!.hint}`).waitFor();
    await other.context.close();
  });

  it('one is edited, and stays the same secret', async () => {
    await add('ci', { expiresAt: new Date(Date.now() + DAY) });
    const before = await named('ci');
    await open();
    await button('Edit the secret ci').click();
    const form = dialog('Edit the secret ci');
    await form.getByLabel('Name').fill('deploy');
    await form.getByRole('radio', { name: 'Only what these scopes allow' }).check();
    await form.getByRole('checkbox', { name: 'reports:write' }).check();
    await form.getByLabel('Networks').fill('2001:db8::/32\n\n 127.0.0.1 ');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('status').getByText('Saved').waitFor();
    await form.waitFor({ state: 'detached' });
    const { id, hint, expiresAt } = before;
    const allowedNetworks = ['2001:db8::/32', '127.0.0.1/32'];
    expect(await named('deploy')).toMatchObject({ id, hint, expiresAt, scopes: ['reports:write'], allowedNetworks });
    await button('Edit the secret deploy').click();
    const again = dialog('Edit the secret deploy');
    await again.getByLabel('Expires').selectOption('Never');
    await again.getByRole('radio', { name: 'Everything that the user may' }).check();
    await again.getByLabel('Networks').fill('');
    await again.getByRole('button', { name: 'Save' }).click();
    await again.waitFor({ state: 'detached' });
    expect(await named('deploy')).toMatchObject({ id, expiresAt: null, scopes: null, allowedNetworks: null });
    // A day is one of the viewer's.
    await button('Edit the secret deploy').click();
    await again.getByLabel('Expires').selectOption('On a date');
    await again.getByLabel('Last day').fill('2099-12-31');
    await again.getByRole('button', { name: 'Save' }).click();
    await again.waitFor({ state: 'detached' });
    const end = await page.evaluate(() => new Date(2100, 0, 1).toISOString());
    expect((await named('deploy')).expiresAt!.toISOString()).toBe(end);
  });

  it('one that somebody else changed meanwhile is not overwritten, and what was typed is kept', async () => {
    const changed = page
      .getByRole('alert')
      .getByText('Anna Rossi changed while you were editing. Your change was not saved.');
    const other = (changes: object) =>
      named('ci').then(({ id }) => desk.latchkey.apiKeys.patchSecret(OPERATOR, key.apiKey, id, changes));
    await add('ci');
    await open();
    for (const decision of ['Save mine anyway', 'Use the new values']) {
      await button('Edit the secret ci').click();
      const form = dialog('Edit the secret ci');
      await form.getByLabel('Networks').fill('127.0.0.0/8');
      await other({ scopes: ['reports:read'], allowedNetworks: ['192.0.2.0/24'] });
      await form.getByRole('button', { name: 'Save', exact: true }).click();
      await changed.waitFor();
      expect(await form.getByLabel('Networks').inputValue()).toBe('127.0.0.0/8');
      expect((await named('ci')).allowedNetworks).toEqual(['192.0.2.0/24']);
      await form.getByRole('button', { name: decision }).click();
      if (decision === 'Save mine anyway') {
        await form.waitFor({ state: 'detached' });
        // What was not touched is as the other one has left it.
        expect(await named('ci')).toMatchObject({ scopes: ['reports:read'], allowedNetworks: ['127.0.0.0/8'] });
        await other({ scopes: null, allowedNetworks: null });
        continue;
      }
      expect(await form.getByLabel('Networks').inputValue()).toBe('192.0.2.0/24');
      expect(await form.getByRole('radio', { name: 'Only what these scopes allow' }).isChecked()).toBe(true);
      await form.getByRole('button', { name: 'Cancel' }).click();
      await form.waitFor({ state: 'detached' });
    }
    // One that was revoked meanwhile can't be saved.
    await button('Edit the secret ci').click();
    const form = dialog('Edit the secret ci');
    await form.getByLabel('Networks').fill('');
    await desk.latchkey.apiKeys.revoke(OPERATOR, key.apiKey, { name: 'ci' });
    await form.getByRole('button', { name: 'Save', exact: true }).click();
    await changed.waitFor();
    await form.getByRole('button', { name: 'Save mine anyway' }).click();
    await form.getByText('That secret is revoked').waitFor();
  });

  it('those of other names go on when keys are generated, and end when all are revoked', async () => {
    const tokens = [];
    for (const name of ['ci', 'deploy']) tokens.push(`token ${key.apiKey}:${(await add(name)).apiSecret}`);
    await open();
    await button('Generate Keys').click();
    const form = dialog('Generate Keys');
    await form.getByText('stops working at once').waitFor();
    await form.getByText('The secrets ci and deploy go on working.').waitFor();
    expect(await form.getByLabel('Name').count()).toBe(0);
    await form.getByRole('button', { name: 'Generate Keys' }).click();
    await shown().getByText('The secrets ci and deploy go on working.').waitFor();
    tokens.push(await take());
    expect((await use(key.token)).status).toBe(401);
    for (const token of tokens) expect((await use(token)).status).toBe(200);
    await button('Revoke the secret ci').click();
    await dialog('Revoke secret?').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('status').getByText('Secret revoked').waitFor();
    await button('Revoke all').click();
    await dialog('Revoke all secrets?').getByText('All 2 secrets stop working at once.').waitFor();
    await dialog('Revoke all secrets?').getByRole('button', { name: 'Revoke all' }).click();
    await page.getByText('No active secret').waitFor();
    for (const token of tokens) expect((await use(token)).status).toBe(401);
  });

  it('what a secret may is inherited by the one that Generate Keys makes', async () => {
    const expiresAt = new Date(Date.now() + 20 * DAY);
    await add('default', { scopes: ['reports:read'], allowedNetworks: ['127.0.0.0/8'], expiresAt });
    await open();
    await button('Generate Keys').click();
    const form = dialog('Generate Keys');
    expect(await form.getByLabel('Networks').inputValue()).toBe('127.0.0.0/8');
    expect(await text(form.locator('select option:checked'))).toBe('As before: after 20 days');
    await form.getByRole('button', { name: 'Generate Keys' }).click();
    await take();
    const made = await named('default');
    expect(made).toMatchObject({ scopes: ['reports:read'], allowedNetworks: ['127.0.0.0/8'], state: 'live' });
    expect(Math.abs(made.expiresAt!.getTime() - expiresAt.getTime())).toBeLessThan(HOUR);
  });

  it('one is added by the keyboard alone', async () => {
    await open();
    await button('Add secret').focus();
    const press = async (...keys: string[]) => {
      for (const each of keys) await page.keyboard.press(each);
    };
    await press('Enter');
    await dialog('Add secret').waitFor();
    await page.waitForFunction(() => (document.activeElement as HTMLInputElement).maxLength === 60);
    await page.keyboard.type('ci');
    await press('Tab', 'Tab', 'ArrowDown'); // the expiry, then what it may: only some
    await page.waitForFunction(() => (document.activeElement as HTMLInputElement).value === 'some');
    await press('Tab');
    await page.keyboard.type('reports:read');
    await press('Enter'); // sends nothing
    await press('Tab', 'Space', 'Tab');
    await page.keyboard.type('127.0.0.1');
    await press('Tab', 'Tab', 'Tab', 'Enter'); // past Add limit and Cancel
    await shown().getByRole('button', { name: 'Copy token' }).waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent === 'Copy token');
    await press('Enter');
    await shown().getByText('Copied').first().waitFor();
    await press('Escape');
    await shown().waitFor({ state: 'detached' });
    expect(await named('ci')).toMatchObject({ scopes: ['reports:read'], allowedNetworks: ['127.0.0.1/32'] });
    expect(await focused()).toBe('Secrets');
    // The focus comes back to where a dialog was opened.
    await button('Edit the secret ci').focus();
    await press('Enter');
    await dialog('Edit the secret ci').waitFor();
    await press('Escape');
    await dialog('Edit the secret ci').waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Edit the secret ci');
  });

  it('an owner who is no System Manager sees them, and may revoke one or all', async () => {
    await add('ci', { scopes: ['reports:read'] });
    await add('deploy');
    await add('deploy', { overlapSeconds: 3600 });
    const her = await desk.person(anna);
    const own = (name: string) => her.page.getByRole('button', { name, exact: true });
    await her.page.goto(`${desk.latchkey.url}/app/me`);
    await own('Revoke all').waitFor();
    await judge(her.page);
    expect(await her.page.getByRole('button', { name: /^(Rotate|Edit|Keep longer|Add secret|Generate)/ }).count()).toBe(
      0,
    );
    expect(await her.page.getByText('Everything that you may').count()).toBe(3);
    await own('Revoke the secret ci').click();
    await her.page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await own('Revoke the secret ci').waitFor({ state: 'detached' });
    expect((await named('ci')).state).toBe('revoked');
    await own('End now: the old secret deploy').click();
    await her.page.getByRole('dialog').getByRole('button', { name: 'End now' }).click();
    await own('End now: the old secret deploy').waitFor({ state: 'detached' });
    await own('Revoke all').click();
    await her.page.getByRole('dialog').getByRole('button', { name: 'Revoke all' }).click();
    await her.page.getByText('No active secret').waitFor();
    expect((await use(key.token)).status).toBe(401);
    expect(her.complaints).toEqual([]);
    await her.context.close();
  });

  describe('limits', () => {
    const MINUTE = { requests: 100, seconds: 60 };
    const DAILY = { requests: 100_000, seconds: 86_400 };
    const form = (title: string) => {
      const at = dialog(title);
      const limit = (i: number) => at.getByRole('group', { name: `Limit ${i}`, exact: true });
      const fill = async (i: number, requests: number | string, length: number, unit: string) => {
        await limit(i).getByLabel('Requests').fill(String(requests));
        await limit(i).getByLabel('Length of time').fill(String(length));
        await limit(i).getByLabel('Unit of time').selectOption(unit);
      };
      return {
        at,
        limit,
        fill,
        press: (name: string) => at.getByRole('button', { name, exact: true }).click(),
      };
    };
    /** What the page asks the server to change. */
    const patched = () =>
      page.waitForRequest((request) => request.method() === 'PATCH').then((request) => request.postDataJSON());

    it('are given to a secret that is added, and hold', async () => {
      await open();
      await button('Add secret').click();
      const { at, limit, fill, press } = form('Add secret');
      await at.getByLabel('Name').fill('ci');
      await press('Add limit');
      expect(
        await limit(1)
          .getByLabel('Requests')
          .evaluate((field) => field === document.activeElement),
      ).toBe(true);
      await fill(1, 2, 30, 'day');
      await press('Add limit');
      expect(
        await limit(2)
          .getByLabel('Requests')
          .evaluate((field) => field === document.activeElement),
      ).toBe(true);
      await fill(2, 100_000, 31, 'day');
      await press('Add secret');
      const token = await take();
      expect((await named('ci')).limits).toEqual([
        { requests: 2, seconds: 30 * 86_400 },
        { requests: 100_000, seconds: 31 * 86_400 },
      ]);
      const statuses = [];
      for (let i = 0; i < 3; i++) statuses.push((await use(token)).status);
      expect(statuses).toEqual([200, 200, 429]);
      await page.reload();
      expect(await text(row('ci', 'Active'))).toContain('2 in 30 days, 100,000 in 31 days');
      expect(await text(row('default', 'Active'))).not.toContain('Limits');
    });

    it('are as before in a secret that replaces one', async () => {
      await add('ci', { limits: [MINUTE, DAILY] });
      await add('default', { limits: [{ requests: 5, seconds: 90 }] });
      await open();
      expect(await text(row('ci', 'Active'))).toContain('100 a minute, 100,000 a day');
      await button('Rotate the secret ci').click();
      const rotate = dialog('Rotate the secret ci');
      await rotate.getByText('Limits as before: 100 a minute, 100,000 a day.').waitFor();
      await rotate.getByRole('button', { name: 'Rotate' }).click();
      await take();
      const both = (await secrets()).filter(({ name }) => name === 'ci');
      expect(both.map(({ state, limits }) => [state, limits])).toEqual([
        ['live', [MINUTE, DAILY]],
        ['retiring', [MINUTE, DAILY]],
      ]);
      // Generate Keys begins with those of the secret that it ends.
      await button('Generate Keys').click();
      const { at, limit, press } = form('Generate Keys');
      const [requests, length, unit] = ['Requests', 'Length of time', 'Unit of time'].map((name) =>
        limit(1).getByLabel(name),
      );
      const values = [await requests!.inputValue(), await length!.inputValue(), await unit!.inputValue()];
      expect(values).toEqual(['5', '90', 'second']);
      await press('Remove limit 1');
      await at.getByRole('button', { name: 'Generate Keys' }).click();
      await take();
      expect((await named('default')).limits).toBeNull();
    });

    it('are edited and taken away, and nothing else is sent', async () => {
      await add('ci', { limits: [MINUTE], scopes: ['reports:read'], allowedNetworks: ['127.0.0.0/8'] });
      await open();
      await button('Edit the secret ci').click();
      const { at, limit, fill, press } = form('Edit the secret ci');
      await press('Add limit');
      expect(await limit(2).getByLabel('Unit of time').inputValue()).toBe('hour');
      await fill(2, 1000, 12, 'hour');
      let sent = patched();
      await press('Save');
      expect(await sent).toEqual({ limits: [MINUTE, { requests: 1000, seconds: 43_200 }] });
      await at.waitFor({ state: 'detached' });
      await page.getByText('100 a minute, 1,000 in 12 hours').waitFor();

      await button('Edit the secret ci').click();
      await at.getByLabel('Name').fill('deploy');
      sent = patched();
      await press('Save');
      expect(await sent).toEqual({ name: 'deploy' });
      await at.waitFor({ state: 'detached' });

      await button('Edit the secret deploy').click();
      const again = form('Edit the secret deploy');
      for (const i of [3, 4]) {
        await again.press('Add limit');
        await again.fill(i, 10 ** i, i, 'day');
      }
      expect(await again.at.getByRole('button', { name: 'Add limit' }).count()).toBe(0); // four are the most
      for (const left of [3, 2, 1, 0]) {
        await again.press('Remove limit 1');
        expect(await again.at.getByRole('group', { name: /^Limit / }).count()).toBe(left);
      }
      expect(await focused()).toBe('Add limit');
      sent = patched();
      await again.press('Save');
      expect(await sent).toEqual({ limits: null });
      await again.at.waitFor({ state: 'detached' });
      expect(await named('deploy')).toMatchObject({ limits: null, scopes: ['reports:read'] });
    });

    it('say at the field what the server does not accept', async () => {
      await add('ci', { limits: [MINUTE] });
      await open();
      await button('Edit the secret ci').click();
      const { at, limit, fill, press } = form('Edit the secret ci');
      await press('Add limit');
      for (const [requests, length, unit, said] of [
        [100, 1, 'day', 'A longer window needs more requests than a shorter one'],
        [200, 60, 'second', 'Two limits have the same window.'],
      ] as const) {
        await fill(2, requests, length, unit);
        await press('Save');
        await at.getByText(said).waitFor();
        await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Requests');
        expect(await at.getByRole('alert').count()).toBe(0);
      }
      await judge(page);
      // What is wrong with one number is not even sent.
      for (const [requests, length, unit, wrong] of [
        ['1.5', 1, 'day', 'Requests'],
        ['1000000001', 1, 'day', 'Requests'],
        ['', 1, 'day', 'Requests'],
        ['200', 32, 'day', 'Length of time'],
        ['200', 0, 'hour', 'Length of time'],
      ] as const) {
        await fill(2, requests, length, unit);
        await press('Save');
        expect(
          await limit(2)
            .getByLabel(wrong)
            .evaluate((field) => field.matches(':invalid:focus')),
        ).toBe(true);
      }
      expect((await named('ci')).limits).toEqual([MINUTE]);
      await fill(2, 200, 1, 'day');
      await press('Save');
      await at.waitFor({ state: 'detached' });
      expect((await named('ci')).limits).toEqual([MINUTE, { requests: 200, seconds: 86_400 }]);
    });

    it('are set by the keyboard alone', async () => {
      await add('ci');
      await open();
      await button('Edit the secret ci').focus();
      const press = async (...keys: string[]) => {
        for (const each of keys) await page.keyboard.press(each);
      };
      const at = (label: string) =>
        page.waitForFunction((name) => {
          const { activeElement: element } = document;
          return (element?.getAttribute('aria-label') ?? element?.textContent) === name;
        }, label);
      await press('Enter');
      await dialog('Edit the secret ci').waitFor();
      await dialog('Edit the secret ci').getByLabel('Networks').focus();
      await press('Tab');
      await at('Add limit');
      await press('Enter');
      await at('Requests');
      await page.keyboard.type('100');
      await press('Tab', 'Tab', 'ArrowDown'); // past the length, to hours
      await press('Tab');
      await at('Remove limit 1');
      await press('Tab', 'Enter');
      await at('Requests');
      await page.keyboard.type('7');
      await press('Tab', 'Tab', 'Tab', 'Enter'); // removes the second
      await at('Add limit');
      await press('Tab', 'Tab', 'Enter'); // past Cancel
      await dialog('Edit the secret ci').waitFor({ state: 'detached' });
      expect((await named('ci')).limits).toEqual([{ requests: 100, seconds: 3600 }]);
      await at('Edit the secret ci');
    });
  });

  it('have nothing that axe finds, light or dark, also in each dialog', async () => {
    const ci = await add('ci', {
      limits: [
        { requests: 100, seconds: 60 },
        { requests: 100_000, seconds: 86_400 },
      ],
      scopes: ['invoices:read', 'reports:*'],
      allowedNetworks: ['127.0.0.0/8', '2001:db8:1234:5678::/64'],
    });
    await use(`token ${key.apiKey}:${ci.apiSecret}`, 'python-requests/2.32.3');
    await use(key.token);
    await add('ci', { overlapSeconds: 7 * 24 * 3600 });
    await add('a name of a secret that is as long as names may be, sixty');
    await desk.latchkey.apiKeys.revoke(OPERATOR, key.apiKey, {
      name: 'a name of a secret that is as long as names may be, sixty',
    });
    await add('nothing', { scopes: [], expiresAt: new Date(Date.now() + 30 * DAY) });
    await open();
    const close = async () => {
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    };
    await page.getByText('1 revoked or expired').click();
    await judge(page);
    for (const opener of [
      'Generate Keys',
      'Rotate the secret default',
      'Keep longer: the old secret ci',
      'End now: the old secret ci',
      'Revoke all',
    ]) {
      await button(opener).click();
      await page.getByRole('dialog').waitFor();
      await judge(page);
      await close();
    }
    await button('Edit the secret ci').click();
    const form = dialog('Edit the secret ci');
    await form.getByLabel('Expires').selectOption('On a date');
    await form.getByLabel('Networks').fill('192.0.2.0/24');
    await form.getByText('These networks leave out').waitFor();
    await judge(page);
    await form.getByLabel('Networks').fill('192.0.2.1/24');
    await form.getByLabel('Search scopes').fill('zzz');
    await form.getByText('No scope matches “zzz”.').waitFor();
    await judge(page);
    await close();
  });

  it('complains of nothing', () => expect(one.complaints).toEqual([]));
});

async function judge(page: Page): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(350); // the dialog's transition: axe would measure the colours of half of it
    expect([colorScheme, await axe(page)]).toEqual([colorScheme, []]);
  }
}
