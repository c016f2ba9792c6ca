import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { AuditRow } from '../../src/audit/audit-row.entity.js';
import { AUDIT_EVENTS } from '../../src/audit/events.js';
import { OPERATOR } from '../../src/users/principal.js';
import { RolesService } from '../../src/users/roles.service.js';
import { axe } from '../support/axe.js';
import { hasBrowser, type Person } from '../support/browser.js';
import { startDesk, type TestDesk } from '../support/desk.js';

/** The audit trail as people read it: sentences by day, details, filters in the address, export. */

const DAY = 24 * 60 * 60_000;
const UNTIL = '2027-03-01T12:00:00.000Z';

let desk: TestDesk;
let url: string;
let jonasName: string;
let token: string;
let apiKey: string;
let mara: Person;
let page: Page;

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('activity', () => {
  beforeAll(async () => {
    desk = await startDesk();
    ({ url } = desk.latchkey);
    jonasName = await desk.newUser('Jonas Okafor');
    for (const role of ['Editor', 'Reader']) await desk.latchkey.app.get(RolesService).create(OPERATOR, role);
    ({ token } = await desk.latchkey.keyOf(desk.manager));
    // More than a page of them, all of yesterday.
    for (let i = 0; i < 60; i++) await desk.latchkey.users.update(OPERATOR, jonasName, { fullName: `Jonas ${i}` });
    await desk.latchkey.dataSource.query('UPDATE lk_audit SET at = at - ?', [DAY]);

    await asManager('PATCH', `/v1/users/${jonasName}`, { fullName: 'Jonas Okafor', roles: ['Editor', 'Reader'] });
    await asManager('PATCH', `/v1/users/${jonasName}`, { roles: ['Reader'] });
    ({ apiKey } = await asManager('POST', '/v1/api-keys', { user: jonasName, name: 'ci' }));
    const rotated = await asManager('POST', `/v1/api-keys/${apiKey}/secrets`, { name: 'ci', overlapSeconds: 3600 });
    const { secrets } = await asManager('GET', `/v1/api-keys/${apiKey}`);
    const { id } = secrets.find(({ state }: { state: string }) => state === 'live');
    await asManager('PATCH', `/v1/api-keys/${apiKey}/secrets/${id}`, { scopes: ['keys:read'], expiresAt: UNTIL });
    await desk.latchkey.apiKeys.revoke(OPERATOR, apiKey);
    expect(rotated.apiKey).toBe(apiKey);

    mara = await desk.person();
    ({ page } = mara);
  });
  afterAll(() => desk?.close());

  async function asManager(method: string, path: string, json?: object) {
    const answer = await desk.latchkey.call(method, path, { auth: token, ...(json && { json }) });
    expect(answer.status).toBeLessThan(300);
    return answer.json;
  }
  const rows = (at = page) => at.locator('main li');
  const row = (text: string) => rows().filter({ hasText: text });
  const details = (text: string) => row(text).getByRole('button', { name: 'Details' });
  const addressOf = (at = page) => Object.fromEntries(new URL(at.url()).searchParams);

  it('tells day by day who did what, on the overview and on a page of its own', async () => {
    await page.goto(`${url}/app/overview`);
    await row(`You gave ${jonasName} the roles Editor and Reader`).waitFor();
    expect(
      await rows()
        .filter({ has: page.locator('time') })
        .count(),
    ).toBe(10);
    await page.getByRole('link', { name: 'All activity' }).click();
    await page.getByRole('heading', { level: 1, name: 'Activity' }).waitFor();
    await row('You logged in').waitFor();
    expect(await page.getByRole('heading', { level: 2 }).allInnerTexts()).toEqual(['Today', 'Yesterday']);
    const said = (await rows().allInnerTexts()).map((text) => text.split('\n').at(-1));
    expect(said.slice(0, 12)).toEqual([
      'You logged in',
      `The command line revoked ${jonasName}’s secret ci`,
      `The command line revoked ${jonasName}’s secret ci`,
      `You changed the expiry and scopes of one of ${jonasName}’s secrets`,
      expect.stringMatching(`^You let ${jonasName}’s replaced secret work until .`),
      `You rotated ${jonasName}’s secret ci`,
      `You generated the secret ci for ${jonasName}`,
      `You took the role Editor from ${jonasName}`,
      `You changed ${jonasName}’s full name to Jonas Okafor`,
      `You gave ${jonasName} the roles Editor and Reader`,
      `The command line changed ${jonasName}’s full name to Jonas 59`,
      `The command line changed ${jonasName}’s full name to Jonas 58`,
    ]);
    await page.getByRole('link', { name: 'Activity' }).and(page.locator('.active')).waitFor();
  });

  it('by mouse: details, the rows that have one in common with it, and back', async () => {
    await page.goto(`${url}/app/activity`);
    const what = 'You changed the expiry and scopes';
    await details(what).click();
    const cells = row(what).getByRole('row');
    await cells.nth(2).waitFor();
    expect((await cells.allInnerTexts()).map((text) => text.split('\t').map((cell) => cell.trim()))).toEqual([
      ['Field', 'Before', 'After'],
      ['Expires', 'Never', expect.stringContaining('2027')],
      ['Scopes', 'Everything', 'keys:read'],
    ]);
    const told = await row(what).locator('dl').innerText();
    for (const term of ['Done by', 'Session or secret used', 'Address', 'Request ID', 'Row', 'Hash'])
      expect(told).toContain(term);
    expect(await axe(page)).toEqual([]);
    await row(what).getByRole('link', { name: apiKey }).click();
    await row('You logged in').waitFor({ state: 'detached' });
    expect(await rows().count()).toBe(6);
    expect(await page.getByLabel('API key or secret ID').inputValue()).toBe(apiKey);
    await page.reload();
    await row('You rotated').waitFor();
    expect([await rows().count(), addressOf()]).toEqual([6, { apiKey }]);
    await page.goBack();
    await row('You logged in').waitFor();
    expect(addressOf()).toEqual({});
    await page.goForward();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await row('You logged in').waitFor();
    expect(addressOf()).toEqual({});
  });

  it('by keyboard: a person by name, older rows, details', async () => {
    await page.goto(`${url}/app/activity`);
    await row('You logged in').waitFor();
    const focused = () => page.evaluate(() => document.activeElement!.getAttribute('aria-labelledby') ?? '');
    await page.getByLabel('Person').focus();
    await page.keyboard.type('jonas okafor');
    await page.locator(`datalist option[value="${jonasName}"]`).waitFor({ state: 'attached' });
    await page.keyboard.press('Enter');
    await row('You logged in').waitFor({ state: 'detached' });
    expect(addressOf()).toEqual({ user: jonasName });
    expect(await page.getByLabel('Person').inputValue()).toBe(jonasName);
    expect(await rows().count()).toBe(50);
    const older = page.getByRole('button', { name: 'Show older' });
    await older.focus();
    await page.keyboard.press('Enter');
    await rows().nth(60).waitFor();
    expect(await older.count()).toBe(0);
    const first = rows().nth(50).getByRole('button');
    expect(await focused()).toBe(await first.getAttribute('aria-labelledby'));
    await page.keyboard.press('Enter');
    await rows().nth(50).getByText('Hash').waitFor();
    expect(await first.getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('Space');
    expect(await rows().nth(50).getByText('Hash').count()).toBe(0);
    await page.getByRole('button', { name: 'Clear filters' }).focus();
    await page.keyboard.press('Enter');
    await row('You logged in').waitFor();
    expect(await page.getByLabel('Person').inputValue()).toBe('');
    await page.keyboard.press('Tab'); // goes on in the filters
    expect(await page.getByLabel('Person').evaluate((field) => field === document.activeElement)).toBe(true);
  });

  it('filters by event and day, and takes from the address what makes sense', async () => {
    await page.goto(`${url}/app/activity?event=nothing&from=0202-01-01&to=soon&user=lks_y&address=lks_z`);
    await row('You logged in').waitFor();
    await page.getByLabel('Event').selectOption('Roles given or taken');
    await row('You logged in').waitFor({ state: 'detached' });
    expect(await rows().count()).toBe(2);
    await page.getByLabel('Event').selectOption('User renamed');
    const day = await page.evaluate(() => new Date().toLocaleDateString('sv'));
    await page.getByLabel('From', { exact: true }).fill(day);
    await rows().nth(1).waitFor({ state: 'detached' });
    expect(await rows().allInnerTexts()).toEqual([expect.stringContaining('Jonas Okafor')]);
    await page.getByLabel('To', { exact: true }).fill(day);
    await page.reload();
    await rows().first().waitFor();
    expect([await rows().count(), addressOf()]).toEqual([1, { event: 'user.renamed', from: day, to: day }]);
    await page.goto(`${url}/app/activity?address=192.0.2.1`);
    await page.getByText('No activity matches these filters').waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'More filters' }).waitFor({ state: 'detached' });
    await page.getByLabel('Address').fill('127.0.0.1');
    await page.getByLabel('Address').press('Enter');
    await row('You logged in').waitFor();
    await page.getByLabel('API key or secret ID').fill(`token ${apiKey}:lks_${'x'.repeat(43)}`);
    await page.getByLabel('API key or secret ID').press('Tab');
    await row('You logged in').waitFor({ state: 'detached' });
    expect(addressOf()).toEqual({ address: '127.0.0.1', apiKey });
    expect(mara.requests.filter((request) => request.includes('lks_'))).toEqual([
      expect.stringContaining('/app/activity?event=nothing'),
    ]);
  });

  it('exports what the filters choose, and says when it can’t', async () => {
    const query = `user=${encodeURIComponent(jonasName)}`;
    await page.goto(`${url}/app/activity?${query}`);
    const started = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    const download = await started;
    expect(download.suggestedFilename()).toMatch(/^latchkey-audit-\d{4}-\d\d-\d\d\.ndjson$/);
    const headers = { accept: 'application/x-ndjson', authorization: token };
    const text = await (await fetch(`${url}/v1/audit?${query}`, { headers })).text();
    expect(await readFile(await download.path(), 'utf8')).toBe(text);
    const count = text.trimEnd().split('\n').length;
    expect(count).toBeGreaterThan(60);
    await page.getByText(`${count} rows exported`).waitFor();
    await page.route('**/v1/audit?*', (route) => route.abort());
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('alert').filter({ hasText: 'The server doesn’t answer.' }).waitFor();
    await page.unrouteAll();
    await page.route('**/v1/audit?*', () => {}); // it takes long
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('button', { name: 'Cancel export' }).click();
    await page.getByRole('button', { name: 'Export', exact: true }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.unrouteAll();
  });

  it('saves nothing of an export that breaks off', async () => {
    const her = await desk.person();
    await her.page.addInitScript(() => {
      const { fetch } = window;
      window.fetch = async (...call) => {
        const answer = await fetch(...call);
        if (!answer.headers.get('content-type')?.includes('ndjson')) return answer;
        const start = (controller: ReadableStreamDefaultController) => {
          controller.enqueue(new TextEncoder().encode('{}\n{}\n'));
          window.setTimeout(() => controller.error(new TypeError('network error')), 200);
        };
        return new Response(new ReadableStream({ start }));
      };
    });
    let downloads = 0;
    her.page.on('download', () => downloads++);
    await her.page.goto(`${url}/app/activity`);
    await her.page.getByRole('button', { name: 'Export' }).click();
    await her.page.getByText('2 rows so far').waitFor();
    await her.page.getByText('The export broke off, and nothing was saved.').waitFor();
    expect(await axe(her.page)).toEqual([]);
    expect(downloads).toBe(0);
    await her.context.close();
  });

  it('is on the page of each user, and one’s own for everybody', async () => {
    await page.goto(`${url}/app/user/${jonasName}`);
    await page.getByRole('tab', { name: 'Activity' }).click();
    await row('You gave Jonas Okafor the roles Editor and Reader').waitFor();
    expect(addressOf()).toEqual({ tab: 'activity' });
    expect(await row('logged in').count()).toBe(0);
    expect(await axe(page)).toEqual([]);

    const jonas = await desk.person(jonasName);
    await jonas.page.goto(`${url}/app/activity`);
    await jonas.page.getByRole('heading', { level: 1, name: 'My access' }).waitFor();
    expect(await jonas.page.getByRole('link', { name: 'Activity' }).count()).toBe(0);
    const own = jonas.page.getByRole('region', { name: 'Your activity' });
    await own.scrollIntoViewIfNeeded();
    await own.getByText('You logged in').waitFor();
    await own.getByRole('button', { name: 'Show older' }).click();
    await own.getByText(`${desk.manager} gave you the roles Editor and Reader`).waitFor();
    await own.getByRole('button', { name: `${desk.manager} gave you` }).click();
    await own.getByText('Hash').waitFor();
    expect(await own.getByRole('link').count()).toBe(0);
    expect(await axe(jonas.page)).toEqual([]);
    expect([mara.complaints.filter((text) => !/ERR_FAILED/.test(text)), jonas.complaints]).toEqual([[], []]);
    await jonas.context.close();
  });

  it.each(['overview', 'activity', 'activity?user=command'])('moves nothing while %s loads', async (path) => {
    const her = await desk.person();
    await her.page.addInitScript(() => {
      Object.assign(window, { shifted: 0 });
      new PerformanceObserver((list) => {
        for (const { value } of list.getEntries() as unknown as { value: number }[])
          (window as unknown as { shifted: number }).shifted += value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await her.page.route('**/v1/audit?*', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue();
    });
    await her.page.goto(`${url}/app/${path}`, { waitUntil: 'networkidle' });
    await rows(her.page).nth(5).waitFor();
    expect(await her.page.evaluate(() => (window as unknown as { shifted: number }).shifted)).toBeLessThan(0.05);
    await her.context.close();
  });

  it('has a sentence for every event, also where its details were too long to be kept', async () => {
    const nothing = { credential: null, apiKey: null, secretId: null, address: null, userAgent: null, requestId: null };
    const made = AUDIT_EVENTS.flatMap((event, i) =>
      [null, jonasName].map((subject, of) => ({
        ...nothing,
        n: 1_000_000 + 2 * i + of,
        at: new Date(),
        event,
        actor: 'Guest',
        subject,
        details: '{"omitted":"70000 bytes"}',
        hash: '0'.repeat(64),
      })),
    );
    await desk.latchkey.dataSource.getRepository(AuditRow).insert(made);
    await page.goto(`${url}/app/activity`);
    await rows().nth(made.length).waitFor();
    const said = (await rows().allInnerTexts()).slice(0, made.length);
    expect(said.filter((text) => /undefined|null|object|NaN|  /.test(text))).toEqual([]);
    expect(new Set(said.map((text) => text.split('\n').at(-1))).size).toBeGreaterThan(AUDIT_EVENTS.length);
  });
});
