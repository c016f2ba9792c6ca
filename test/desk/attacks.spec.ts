import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { OPERATOR } from '../../src/users/principal.js';
import { newName, startApp, type TestApp } from '../support/app.js';
import { hasBrowser, newPerson, type Person, startBrowser } from '../support/browser.js';

const PASSWORD = 'a password to test with';
const inBrowser = hasBrowser ? describe : describe.skip;

/** A page of another origin, opened by somebody who has a session here. */
inBrowser.each([
  ['127.0.0.1', '127.0.0.1'],
  ['localhost', '127.0.0.1'],
  // Plain http on a name: no Sec-Fetch-Site says where a request comes from.
  ['keys.test', 'keys.test'],
  ['evil.test', 'keys.test'],
])('a page at %s, on another port, against %s', (host, ours) => {
  let url: string;
  let latchkey: TestApp;
  let evil: Server;
  let browser: Browser;
  let person: Person;
  let manager: string;

  beforeAll(async () => {
    latchkey = await startApp();
    const made = { email: newName(), fullName: 'A Manager', roles: ['System Manager'], password: PASSWORD };
    manager = (await latchkey.accounts.create(OPERATOR, made)).name;
    evil = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end('<h1>Evil</h1>'));
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    url = latchkey.url.replace('127.0.0.1', ours);
    browser = await startBrowser(['--host-resolver-rules=MAP *.test 127.0.0.1']);
    person = await newPerson(browser, url);
    const { headers } = await latchkey.call('POST', '/v1/session', { json: { user: manager, password: PASSWORD } });
    const value = headers['set-cookie']![0]!.split(';')[0]!.slice(4);
    await person.context.addCookies([{ name: 'sid', value, url, httpOnly: true, sameSite: 'Lax' }]);
    await person.page.goto(`${url}/app/overview`);
    await person.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await person.page.goto(`http://${host}:${(evil.address() as AddressInfo).port}/`);
  });
  afterAll(async () => {
    await browser?.close();
    evil?.close();
    await latchkey?.close();
  });

  async function state(): Promise<unknown> {
    const [{ sessions }] = await latchkey.dataSource.query('SELECT COUNT(*) AS sessions FROM lk_sessions');
    const [{ secrets }] = await latchkey.dataSource.query('SELECT COUNT(*) AS secrets FROM lk_api_secrets');
    const [{ users }] = await latchkey.dataSource.query('SELECT COUNT(*) AS users FROM lk_users');
    return [Number(sessions), Number(secrets), Number(users)];
  }

  it('can neither generate keys nor log in or out, by fetch or by form', async () => {
    const before = await state();
    const generate = `${url}/api/method/frappe.core.doctype.user.user.generate_keys`;
    await person.page.evaluate(
      async ({ to, method, user, password }) => {
        const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
        const body = new URLSearchParams({ user, usr: user, pwd: password, password }).toString();
        const send = (path: string, init: RequestInit) =>
          fetch(path, { credentials: 'include', mode: 'no-cors', ...init }).catch(() => undefined);
        await send(method, { method: 'POST', headers: type, body });
        await send(`${method}?user=${user}`, {});
        await send(`${to}/api/method/login`, { method: 'POST', headers: type, body });
        await send(`${to}/v1/session`, { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body });
        await send(`${to}/api/method/logout`, {});
        await send(`${to}/?cmd=logout`, {});
        await send(`${to}/?cmd=logout`, { method: 'POST' });
        const image = new Image();
        image.src = `${to}/?cmd=logout`;
        await new Promise((resolve) => image.addEventListener('error', resolve, { once: true }));
      },
      { to: url, method: generate, user: manager, password: PASSWORD },
    );
    for (const [path, method] of [
      [generate, 'POST'],
      [`${url}/?cmd=logout`, 'POST'],
      [`${url}/api/method/logout`, 'GET'],
      [`${url}/api/method/login`, 'POST'],
    ] as const) {
      const away = await person.context.newPage();
      await away.goto(person.page.url());
      await Promise.all([
        away.waitForURL(`${url}/**`),
        away.evaluate(
          ([to, how, user, pwd]) => {
            const form = document.createElement('form');
            form.method = how!;
            form.action = to!;
            for (const [name, value] of Object.entries({ user, usr: user, pwd })) {
              const field = Object.assign(document.createElement('input'), { name, value });
              form.append(field);
            }
            document.body.append(form);
            form.submit();
          },
          [path, method, manager, PASSWORD],
        ),
      ]);
      expect(await away.textContent('body')).toMatch(/PermissionError/);
      await away.close();
    }
    expect(await state()).toEqual(before);
    const [{ cookie }] = [{ cookie: (await person.context.cookies(url)).find(({ name }) => name === 'sid')! }];
    const me = await latchkey.call('GET', '/v1/me', { headers: { cookie: `sid=${cookie.value}` } });
    expect([me.status, me.json.name]).toEqual([200, manager]);
  });

  it('can neither read an answer nor frame the page', async () => {
    const read = await person.page.evaluate(
      (to) =>
        fetch(`${to}/v1/me`, { credentials: 'include' }).then(
          () => 'read',
          () => 'refused',
        ),
      url,
    );
    expect(read).toBe('refused');
    await person.page.evaluate((to) => {
      const frame = document.createElement('iframe');
      frame.src = `${to}/app/overview`;
      document.body.append(frame);
      return new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
    }, url);
    const frame = person.page.frames().find((one) => one !== person.page.mainFrame())!;
    expect(await frame.getByRole('heading', { name: 'Overview' }).count()).toBe(0);
    expect(frame.url()).toMatch(/^chrome-error:/);
  });
});
