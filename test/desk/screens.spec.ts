import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { OPERATOR } from '../../src/users/principal.js';
import { RolesService } from '../../src/users/roles.service.js';
import { LastUse } from '../../src/verification/last-use.js';
import { startApp, type TestApp } from '../support/app.js';
import { axe } from '../support/axe.js';
import { hasBrowser, newPerson, startBrowser } from '../support/browser.js';
import { generateKeys } from '../support/desk.js';

/** Every screen, light, dark and on a phone: axe finds nothing, nothing is wider than the window. Pictures on the way. */

const PASSWORD = 'a password to test with';
const MANAGER = 'mara.lindqvist@example.com';
const PICTURES = 'test/desk/pictures'; // git ignores it
/** Bytes of script on the wire for the first load of any screen. */
const MOST_SCRIPT = 200_000;
const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36';

interface Screen {
  readonly path: string;
  readonly heading: string;
  readonly open?: (page: Page) => Promise<unknown>;
  readonly opens?: 'menu' | 'table';
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).last().click();
const menu = async (page: Page, item: string) => {
  await button(page, 'More');
  await page.getByRole('menuitem', { name: item }).click();
  await page.getByRole('dialog').waitFor();
};
const generate = async (page: Page) => {
  await generateKeys(page);
  await page.getByRole('dialog', { name: 'API keys' }).waitFor();
  await page.getByRole('dialog', { name: 'Generate Keys' }).waitFor({ state: 'detached' });
};
const LIVE = { path: '/app/user/jonas.okafor@example.com?tab=api-access', heading: 'Jonas Okafor' };
const SEVERAL = { path: '/app/user/tomas.ferreira@example.com?tab=api-access', heading: 'Tomás Ferreira' };
/** With all that the form can say. */
const edit = async (page: Page) => {
  await button(page, 'Edit the secret ci');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Expires').selectOption('On a date');
  await dialog.getByLabel('Networks').fill('192.0.2.0/24');
  await dialog.getByText('These networks leave out 127.0.0.1').waitFor();
};
/** A row with what was changed, and all filters. */
const openActivity = async (page: Page) => {
  await button(page, 'More filters');
  await page.getByRole('button', { name: /Details .* replaced secret work until/ }).click();
  await page.getByText('Hash').waitFor();
};
/** With a limit that the server does not accept. */
const limits = async (page: Page) => {
  await button(page, 'Edit the secret ci');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Add limit' }).click();
  await dialog.getByLabel('Requests').last().fill('1');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('leave another limit without effect').waitFor();
  await dialog.getByRole('button', { name: 'Add limit' }).scrollIntoViewIfNeeded();
};
const NONE = { path: '/app/user/aiko.tanaka@example.com?tab=api-access', heading: 'Aiko Tanaka' };
const SCREENS: Record<string, Screen> = {
  overview: { path: '/app/overview', heading: 'Overview' },
  users: { path: '/app/users', heading: 'Users' },
  'users-empty': { path: '/app/users?search=zzz', heading: 'Users' },
  'new-user': { path: '/app/users', heading: 'Users', open: (page) => button(page, 'New user') },
  'user-details': { path: '/app/user/jonas.okafor@example.com', heading: 'Jonas Okafor' },
  'user-roles': { path: '/app/user/jonas.okafor@example.com?tab=roles', heading: 'Jonas Okafor' },
  'api-access': LIVE,
  'api-access-none': NONE,
  'api-keys-dialog': { ...NONE, open: generate },
  'generate-keys': { ...LIVE, open: (page) => button(page, 'Generate Keys') },
  'add-secret': { ...NONE, open: (page) => button(page, 'Add secret') },
  secrets: SEVERAL,
  'edit-secret': { ...SEVERAL, open: edit },
  'edit-limits': { ...SEVERAL, open: limits },
  'keep-longer': { ...SEVERAL, open: (page) => button(page, 'Keep longer: the old secret ci') },
  'revoke-all': { ...SEVERAL, open: (page) => button(page, 'Revoke all') },
  rotate: { ...LIVE, open: (page) => button(page, 'Rotate the secret default') },
  revoke: { ...LIVE, open: (page) => button(page, 'Revoke the secret default') },
  disable: { ...LIVE, open: (page) => menu(page, 'Disable user') },
  delete: { ...LIVE, open: (page) => menu(page, 'Delete user') },
  'user-menu': { ...LIVE, open: (page) => button(page, 'More'), opens: 'menu' },
  'user-sessions': { path: '/app/user/jonas.okafor@example.com?tab=sessions', heading: 'Jonas Okafor' },
  roles: { path: '/app/roles', heading: 'Roles' },
  'delete-role': {
    path: '/app/roles',
    heading: 'Roles',
    open: (page) => button(page, 'Delete the role Reader'),
  },
  activity: { path: '/app/activity', heading: 'Activity' },
  'activity-details': { path: '/app/activity', heading: 'Activity', open: openActivity, opens: 'table' },
  'activity-empty': { path: '/app/activity?user=zzz', heading: 'Activity' },
  'user-activity': { path: '/app/user/tomas.ferreira@example.com?tab=activity', heading: 'Tomás Ferreira' },
  'no-such-user': { path: '/app/user/nobody@example.com', heading: 'There is no user “nobody@example.com”' },
  'my-access': { path: '/app/me', heading: 'My access' },
  'log-out': { path: '/app/me', heading: 'My access', open: (page) => button(page, 'Log out everywhere') },
};
const LOOKS = {
  light: { colorScheme: 'light', viewport: { width: 1280, height: 820 } },
  dark: { colorScheme: 'dark', viewport: { width: 1280, height: 820 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 } },
} as const;

/** In these, the screens are scrolled: what stays in place at the top or at the bottom must not mix with the rest. */
const SCROLLED = {
  laptop: { colorScheme: 'light', viewport: { width: 1366, height: 625 } },
  'phone-dark': { colorScheme: 'dark', viewport: { width: 390, height: 800 } },
  narrow: { colorScheme: 'light', viewport: { width: 320, height: 640 } },
  // A browser's 200 % of 1366 × 625.
  zoomed: { colorScheme: 'light', viewport: { width: 683, height: 312 }, deviceScaleFactor: 2 },
  forced: { colorScheme: 'dark', forcedColors: 'active', viewport: { width: 1366, height: 625 } },
} as const;

const SCROLLED_SCREENS = [
  'overview',
  'users',
  'activity-details',
  'user-roles',
  'my-access',
  'secrets',
  'edit-secret',
  'edit-limits',
  'api-keys-dialog',
];

let latchkey: TestApp;
let browser: Browser;
let sid: string;

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('screens', () => {
  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    latchkey = await startApp();
    const people = ['Mara Lindqvist', 'Jonas Okafor', 'Aiko Tanaka', 'Tomás Ferreira', 'Elif Yıldız', 'Priya Raman'];
    for (const fullName of people) {
      const email = `${fullName
        .normalize('NFD')
        .replace(/[^A-Za-z ]/g, '')
        .replace(' ', '.')}@example.com`;
      const roles = fullName.startsWith('Mara') ? ['System Manager'] : [];
      const { name } = await latchkey.accounts.create(OPERATOR, { email, fullName, roles, password: PASSWORD });
      if (fullName.startsWith('Aiko')) continue;
      const { token } = await latchkey.keyOf(name);
      await latchkey.call('GET', '/v1/me', { auth: token });
    }
    await makeSeveral('tomas.ferreira@example.com');
    await latchkey.app.get(RolesService).create(OPERATOR, 'Reader');
    for (const agent of [CHROME, 'python-requests/2.32.3']) {
      const headers = { 'user-agent': agent, 'sec-fetch-site': 'same-origin' };
      const json = { user: 'jonas.okafor@example.com', password: PASSWORD };
      await latchkey.call('POST', '/v1/session', { json, headers });
    }
    const json = { user: MANAGER, password: PASSWORD };
    const { headers } = await latchkey.call('POST', '/v1/session', { json });
    sid = headers['set-cookie']![0]!.split(';')[0]!.slice(4);
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await latchkey?.close();
  });

  it('log-in', async () => {
    const { page, complaints, context } = await newPerson(browser, latchkey.url);
    await page.goto(`${latchkey.url}/app/login`);
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    await judgeInEachLook(page, 'login');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('the API reference, which has a way back', async () => {
    const { page, complaints, context } = await newPerson(browser, latchkey.url);
    await page.goto(`${latchkey.url}/docs`);
    await judgeInEachLook(page, 'docs');
    await page.getByRole('link', { name: 'Back to Latchkey' }).click();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('the choice of a password, after a log-in that fails', async () => {
    const user = 'priya.raman@example.com';
    const oneTimeUntil = new Date(Date.now() + 3_600_000);
    await latchkey.accounts.update(OPERATOR, user, { password: PASSWORD, oneTimeUntil });
    const { page, context } = await newPerson(browser, latchkey.url);
    await page.goto(`${latchkey.url}/app/login`);
    for (const password of ['not the password', PASSWORD]) {
      await page.getByLabel('Email or user name').fill(user);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Log in' }).click();
      if (password === PASSWORD) continue;
      await page.getByText('Wrong user name or password').waitFor();
      await judgeInEachLook(page, 'login-failed');
    }
    await page.getByText('Choose a password').first().waitFor();
    await judgeInEachLook(page, 'choose-password');
    await context.close();
  });

  it.each(['waits', 'fails'])(
    'the list of users while the server %s',
    async (way) => {
      const { page, context } = await newPerson(browser, latchkey.url);
      await context.addCookies([{ name: 'sid', value: sid, url: latchkey.url, httpOnly: true, sameSite: 'Lax' }]);
      const body = JSON.stringify({ type: 'about:blank', title: 'Unavailable', status: 503, code: 'unavailable' });
      await page.route('**/v1/users**', (route) =>
        way === 'waits' ? undefined : route.fulfill({ status: 503, contentType: 'application/problem+json', body }),
      );
      await page.goto(`${latchkey.url}/app/users`);
      if (way === 'fails') await page.getByRole('button', { name: /again/i }).first().waitFor();
      else await page.waitForTimeout(500);
      await judgeInEachLook(page, `users-${way}`);
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await context.close();
    },
    120_000,
  );

  it.each(Object.entries(SCREENS))('%s', async (name, { path, heading, open, opens }) => {
    const { page, complaints, context } = await newPerson(browser, latchkey.url);
    page.setDefaultTimeout(15_000);
    await context.addCookies([{ name: 'sid', value: sid, url: latchkey.url, httpOnly: true, sameSite: 'Lax' }]);
    await page.goto(latchkey.url + path, { waitUntil: 'networkidle' });
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    await open?.(page);
    if (open) await page.getByRole(opens ?? 'dialog').waitFor();
    await judgeInEachLook(page, name);
    expect(complaints).toEqual([]);
    await context.close();
    if (name === 'api-keys-dialog') await forgetKey('aiko.tanaka@example.com');
  });

  it.each(Object.entries(SCROLLED))(
    'scrolled: %s',
    async (look, options) => {
      const { page, complaints, context } = await newPerson(browser, latchkey.url, options);
      page.setDefaultTimeout(15_000);
      await context.addCookies([{ name: 'sid', value: sid, url: latchkey.url, httpOnly: true, sameSite: 'Lax' }]);
      for (const name of SCROLLED_SCREENS) {
        const { path, heading, open, opens } = SCREENS[name]!;
        await page.goto(latchkey.url + path, { waitUntil: 'networkidle' });
        await page.getByRole('heading', { level: 1, name: heading }).waitFor();
        await open?.(page);
        if (open) await page.getByRole(opens ?? 'dialog').waitFor();
        await page.evaluate(scrollHalfway);
        await judge(page, `${name}-scrolled-${look}`);
        if (name === 'api-keys-dialog') expect(await page.evaluate(seeThrough)).toEqual([]);
      }
      expect(complaints).toEqual([]);
      await context.close();
      await forgetKey('aiko.tanaka@example.com');
    },
    120_000,
  );

  it('count in whole numbers on the chart of the overview', async () => {
    const { page, context } = await newPerson(browser, latchkey.url);
    await context.addCookies([{ name: 'sid', value: sid, url: latchkey.url, httpOnly: true, sameSite: 'Lax' }]);
    await page.goto(latchkey.url + SCREENS.overview!.path, { waitUntil: 'networkidle' });
    const levels = page.locator('svg text[text-anchor=end]');
    await levels.first().waitFor();
    expect(await levels.allTextContents()).toEqual(['0', '2', '4', '6']);
    await context.close();
  });

  it('send less than 200 kB of script for the first load', async () => {
    const loads: Record<string, number> = {};
    for (const name of ['overview', 'users', 'activity', 'api-access', 'my-access']) {
      const { page, context } = await newPerson(browser, latchkey.url);
      await context.addCookies([{ name: 'sid', value: sid, url: latchkey.url, httpOnly: true, sameSite: 'Lax' }]);
      let bytes = 0;
      const devtools = await context.newCDPSession(page);
      await devtools.send('Network.enable');
      const scripts = new Set<string>();
      devtools.on(
        'Network.responseReceived',
        ({ requestId, type }) => void (type === 'Script' && scripts.add(requestId)),
      );
      devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
        if (scripts.has(requestId)) bytes += encodedDataLength;
      });
      const { path, heading } = SCREENS[name]!;
      await page.goto(latchkey.url + path, { waitUntil: 'networkidle' });
      await page.getByRole('heading', { level: 1, name: heading }).waitFor(); // a busy machine is idle before that
      loads[name] = bytes;
      await context.close();
    }
    console.log('bytes of script for the first load', loads);
    for (const bytes of Object.values(loads)) {
      expect(bytes).toBeGreaterThan(50_000);
      expect(bytes).toBeLessThan(MOST_SCRIPT);
    }
  });
});

/** Secrets of each kind, made before the days that the overview shows. */
async function makeSeveral(user: string): Promise<void> {
  const make = (secret: object) => latchkey.apiKeys.generate(OPERATOR, { user, ...secret });
  const long = 'a name that is as long as the name of a secret may be, or so';
  const limited = {
    name: 'ci',
    scopes: ['keys:read', 'users:*'],
    allowedNetworks: ['127.0.0.0/8', '2001:db8:1:2::/64'],
    limits: [
      { requests: 100, seconds: 60 },
      { requests: 100_000, seconds: 24 * 3600 },
    ],
  };
  const { apiKey, apiSecret } = await make(limited);
  await latchkey.call('GET', '/v1/me', {
    auth: `token ${apiKey}:${apiSecret}`,
    headers: { 'user-agent': 'curl/8.14.1' },
  });
  await latchkey.app.get(LastUse).onApplicationShutdown(); // writes it now
  await make({ name: 'ci', overlapSeconds: 7 * 24 * 3600 });
  await make({ name: long });
  await latchkey.apiKeys.revoke(OPERATOR, apiKey, { name: long });
  const before = Date.now() - 40 * 24 * 3_600_000;
  await latchkey.dataSource.query(
    'UPDATE lk_api_secrets SET created_at = created_at - ?, revoked_at = revoked_at - ? WHERE api_key = ? AND name <> ?',
    [Date.now() - before, Date.now() - before, apiKey, 'default'],
  );
}

async function forgetKey(user: string): Promise<void> {
  const { id } = await latchkey.users.find(OPERATOR, user);
  const [{ apiKey }] = await latchkey.dataSource.query('SELECT api_key AS apiKey FROM lk_api_keys WHERE user_id = ?', [
    id,
  ]);
  await latchkey.dataSource.query('DELETE FROM lk_api_secrets WHERE api_key = ?', [apiKey]);
  await latchkey.dataSource.query('DELETE FROM lk_api_keys WHERE api_key = ?', [apiKey]);
}

function scrollHalfway(): void {
  const inside = document.querySelector('.mantine-Modal-content') ?? document.documentElement;
  inside.scrollTop = (inside.scrollHeight - inside.clientHeight) / 2;
}

/** The parts of a dialog that stay in place, and through which one sees what is scrolled below them. */
function seeThrough(): string[] {
  const dialog = document.querySelector('[role="dialog"]')!;
  const fixed = [...dialog.querySelectorAll('*')].filter((one) => getComputedStyle(one).position === 'sticky');
  const clear = fixed.filter((one) => {
    const { left, top, width, height } = one.getBoundingClientRect();
    const inside = [0.25, 0.5, 0.95].every((x) =>
      one.contains(document.elementFromPoint(left + x * width, top + height / 2)),
    );
    return !inside || /^rgba\(.*, 0(\.\d+)?\)$/.test(getComputedStyle(one).backgroundColor);
  });
  return [
    ...(fixed.length < 2 ? ['title and foot do not stay in place'] : []),
    ...clear.map(({ className }) => className),
  ];
}

/** One load for all of them: what the page has to do is to follow. */
async function judgeInEachLook(page: Page, name: string): Promise<void> {
  for (const [look, { colorScheme, viewport }] of Object.entries(LOOKS)) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await judge(page, `${name}-${look}`);
  }
}

/** Waits for the end of all transitions: axe would measure the colours of half of one. */
async function settled(): Promise<void> {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  // One that was asked for begins within a frame or two; what turns for ever (a loader) has no end.
  const moves = () => document.getAnimations().some((one) => Number.isFinite(one.effect!.getComputedTiming().endTime));
  for (let still = 0; still < 4; still = moves() ? 0 : still + 1) await frame();
}

async function judge(page: Page, name: string): Promise<void> {
  await page.evaluate(settled);
  await page.screenshot({ path: `${PICTURES}/${name}.png` });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect([name, wider > 0]).toEqual([name, false]); // less by the gutter of the scroll bar
  const findings = await axe(page);
  expect([name, findings]).toEqual([name, []]);
}
