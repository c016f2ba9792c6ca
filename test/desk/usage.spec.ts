import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { Database } from '../../src/database/database.js';
import { UsageCounts } from '../../src/usage/usage-counts.js';
import { OPERATOR } from '../../src/users/principal.js';
import { LastUse } from '../../src/verification/last-use.js';
import { axe } from '../support/axe.js';
import { hasBrowser, type Person } from '../support/browser.js';
import { startDesk, type TestDesk } from '../support/desk.js';

/** How often secrets were used, in charts: the same as GET /v1/usage says. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Count {
  readonly from: string;
  readonly accepted: number;
  readonly limited: number;
}

interface LayoutShift extends PerformanceEntry {
  readonly value: number;
  readonly hadRecentInput: boolean;
}

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('the usage of secrets in the page', () => {
  let desk: TestDesk;
  let person: Person;
  let page: Page;
  let anna: string;
  const ids: Record<string, string> = {};

  const open = async (path: string, at = page) => {
    await at.goto(`${desk.latchkey.url}/app/${path}`);
    await card(at).locator('svg').waitFor();
  };
  /** What the server says to that person. */
  const usage = async (query: string, at = page): Promise<Count[]> =>
    (await at.evaluate(async (path) => (await fetch(path)).json(), `/v1/usage${query}`)).data;
  const card = (at = page) => at.getByRole('region', { name: 'API usage' });
  const slider = () => page.getByRole('slider', { name: 'API usage by day' });
  const row = (name: string, at = page) =>
    at.getByRole('listitem').filter({ has: at.getByRole('heading', { name, exact: true }) });
  const dayOf = (from: string) =>
    new Date(from).toLocaleDateString('en-US', { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const inRows = (counts: Count[]) =>
    counts
      .toReversed()
      .map(({ from, accepted, limited }) => [dayOf(from), accepted.toLocaleString('en'), limited.toLocaleString('en')]);
  /** The table beside the chart, newest first. */
  const table = async (at = page) => {
    await card(at).getByText('Show as a table').click();
    const rows = card(at).locator('tbody tr');
    return rows.evaluateAll((all) => all.map((one) => [...one.children].map((cell) => cell.textContent)));
  };

  beforeAll(async () => {
    desk = await startDesk();
    const { latchkey } = desk;
    anna = await desk.newUser('Anna Rossi');
    const counts = new UsageCounts(latchkey.app.get(Database));
    const use = async (name: string, limits: { requests: number; seconds: number }[] | null, times: number) => {
      const made = await latchkey.apiKeys.generate(OPERATOR, { user: anna, name, limits });
      ids[name] = made.secretId;
      const auth = `token ${made.apiKey}:${made.apiSecret}`;
      for (let i = 0; i < times; i++) await latchkey.call('GET', '/v1/me', { auth });
      return made;
    };
    await use('limited', [{ requests: 2, seconds: 30 * 86_400 }], 5);
    await use('idle', null, 0);
    const { apiKey, secretId } = await use('busy', null, 4);
    const hour = Date.now() - (Date.now() % HOUR);
    for (const [days, accepted, limited] of [
      [1, 1234, 0],
      [7, 40, 60],
      [29, 5, 0],
      [31, 1_000_000, 0], // before the chart begins
    ] as const)
      counts.add({ secretId, apiKey, startsAt: hour - days * DAY, accepted, limited });
    await counts.write();
    await latchkey.app.get(LastUse).onApplicationShutdown(); // writes it now
    const other = await latchkey.key();
    await latchkey.call('GET', '/v1/me', { auth: other.token });
    await latchkey.app.get(LastUse).onApplicationShutdown();
    person = await desk.person();
    ({ page } = person);
  });
  afterAll(() => desk?.close());

  it('is on the overview that of the whole installation', async () => {
    await open('overview');
    const counts = await usage('');
    expect(await table()).toEqual(inRows(counts));
    expect(counts.at(-1)).toMatchObject({ accepted: 7, limited: 3 });
    await card().getByText('Last 30 days: 1,286 accepted, 63 limited').waitFor();
  });

  it('is on the page of a user that of all its secrets, also by keyboard', async () => {
    await open(`user/${anna}?tab=api-access`);
    const counts = await usage(`?user=${anna}`);
    expect(await table()).toEqual(inRows(counts));
    expect(counts.at(-1)).toMatchObject({ accepted: 6, limited: 3 });
    await slider().focus();
    const said = () => slider().getAttribute('aria-valuetext');
    const inWords = ({ from, accepted, limited }: Count) =>
      `${dayOf(from)}: ${accepted.toLocaleString('en')} accepted, ${limited.toLocaleString('en')} limited`;
    expect(await said()).toBe(inWords(counts[29]!));
    for (const [key, index] of [
      ['ArrowLeft', 28],
      ['ArrowRight', 29],
      ['ArrowRight', 29],
      ['PageDown', 22],
      ['Home', 0],
      ['End', 29],
    ] as const) {
      await page.keyboard.press(key);
      expect([key, await said()]).toEqual([key, inWords(counts[index]!)]);
    }
  });

  it('is beside each secret its own', async () => {
    await open(`user/${anna}?tab=api-access`);
    for (const [name, words] of [
      ['busy', '1,283 accepted, 60 limited'],
      ['limited', '2 accepted, 3 limited'],
      ['idle', 'Not used in the last 30 days'],
    ] as const) {
      await row(name).scrollIntoViewIfNeeded();
      await row(name).getByText(words, { exact: true }).waitFor();
      const counts = await usage(`?secretId=${ids[name]}`);
      const highest = Math.max(...counts.map(({ accepted, limited }) => accepted + limited));
      const bars = await row(name)
        .locator('svg g rect:first-child')
        .evaluateAll((all) => all.map((one) => Number(one.getAttribute('height'))));
      if (highest === 0) expect(bars).toEqual([]);
      else expect(bars.map((height) => height > 0)).toEqual(counts.map((one) => one.accepted + one.limited > 0));
      if (highest > 0) expect(bars.indexOf(Math.max(...bars))).toBe(name === 'busy' ? 28 : 29);
    }
  });

  it('is on My access one’s own, and moves nothing when it comes', async () => {
    const her = await desk.person(anna, { viewport: { width: 390, height: 844 } });
    await her.page.addInitScript(() => {
      const at = window as unknown as { shifted: number };
      at.shifted = 0;
      new PerformanceObserver((list) => {
        for (const { value, hadRecentInput } of list.getEntries() as LayoutShift[]) {
          if (!hadRecentInput) at.shifted += value;
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await her.page.route('**/v1/usage?**', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      await route.continue();
    });
    await open('me', her.page);
    await row('limited', her.page).scrollIntoViewIfNeeded();
    await row('limited', her.page).getByText('2 accepted, 3 limited').waitFor();
    expect(await her.page.evaluate(() => (window as unknown as { shifted: number }).shifted)).toBeLessThan(0.01);
    expect(await table(her.page)).toEqual(inRows(await usage(`?user=${anna}`, her.page)));
    expect(her.complaints).toEqual([]);
    await her.context.close();
  });

  it('does not keep the list waiting, and can be asked for again', async () => {
    const other = await desk.person(); // whose page complains of the refusals
    const body = JSON.stringify({ type: 'about:blank', title: 'Internal', status: 500, code: 'internal' });
    await other.page.route('**/v1/usage?**', (route) =>
      route.fulfill({ status: 500, contentType: 'application/problem+json', body }),
    );
    await other.page.goto(`${desk.latchkey.url}/app/user/${anna}?tab=api-access`);
    await other.page.getByRole('button', { name: 'Edit the secret busy' }).waitFor();
    await row('busy', other.page).getByText('This couldn’t be loaded').waitFor();
    await card(other.page).getByRole('button', { name: 'Try again' }).waitFor();
    await other.page.unrouteAll({ behavior: 'wait' });
    await card(other.page).getByRole('button', { name: 'Try again' }).click();
    await card(other.page).getByText('Last 30 days: 1,285 accepted, 63 limited').waitFor();
    await other.context.close();
  });

  it('has nothing that axe finds, light or dark, wide or narrow', async () => {
    for (const path of ['overview', `user/${anna}?tab=api-access`]) {
      await open(path);
      await card().getByText('Show as a table').click();
      await slider().focus();
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const width of [1280, 320]) {
          await page.setViewportSize({ width, height: 800 });
          await page.waitForTimeout(350); // transitions: axe would measure the colours of half of one
          expect([path, colorScheme, width, await axe(page)]).toEqual([path, colorScheme, width, []]);
          const wider = await page.evaluate(
            () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
          );
          expect([path, width, wider]).toEqual([path, width, false]);
        }
      }
    }
  });

  it('complains of nothing', () => expect(person.complaints).toEqual([]));
});
