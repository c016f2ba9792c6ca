import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app.js';

const ASSETS = join(process.cwd(), 'dist/web/assets'); // `npm run build` makes them
const script = readdirSync(ASSETS).find((name) => /^index-.*\.js$/.test(name))!;

let latchkey: TestApp;
beforeAll(async () => {
  latchkey = await startApp();
});
afterAll(() => latchkey.close());

describe('the page', () => {
  it.each(['/app', '/app/', '/app/users?search=x', '/app/user/jane@example.com', '/app/nothing/here.js'])(
    'is at %s, whatever credential is sent',
    async (path) => {
      for (const auth of [undefined, 'nonsense', 'token lk_x:wrong']) {
        const { status, headers, text } = await latchkey.call('GET', path, { auth });
        expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
        expect(headers['cache-control']).toBe('no-cache');
        expect(text).toContain('<div id="root">');
      }
    },
  );

  it('needs no more than its policy allows', async () => {
    const { text, headers } = await latchkey.call('GET', '/app');
    const policy = headers['content-security-policy'] as string;
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types 'none'");
    expect(policy).not.toMatch(/unsafe|data:|https?:|\*/);
    expect(headers['x-frame-options']).toBe('DENY');
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+\s*=|javascript:/i);
    for (const [, link] of text.matchAll(/\s(?:src|href)="([^"]+)"/g)) {
      expect(link).toMatch(/^\/app\/assets\//);
      const asset = await latchkey.call('GET', link!);
      expect([link, asset.status]).toEqual([link, 200]);
      expect(asset.headers['content-security-policy']).toBe(policy);
    }
  });

  it('answers GET alone, and is no API', async () => {
    for (const method of ['POST', 'DELETE'])
      expect([method, (await latchkey.call(method, '/app')).status]).toEqual([method, 404]);
  });

  it('links to the API reference only where there is one', async () => {
    expect((await latchkey.call('GET', '/app')).text).toContain('<body data-docs>');
    const closed = await startApp({ docs: false });
    expect((await closed.call('GET', '/app')).text).toContain('<body>');
    await closed.close();
  });
});

it('knows whether the browser has a session, and judges none', async () => {
  for (const [cookie, body] of [
    ['sid=no-good; x=y', '<body data-docs data-session>'],
    ['xsid=1', '<body data-docs>'],
  ])
    expect((await latchkey.call('GET', '/app', { headers: { cookie: cookie! } })).text).toContain(body);
});

describe('its files', () => {
  const get = (encoding: string) =>
    latchkey.call('GET', `/app/assets/${script}`, { headers: { 'accept-encoding': encoding } });

  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['identity', undefined],
  ])('to who accepts %s go out as %s, good for a year', async (accepted, encoding) => {
    const { status, headers } = await get(accepted);
    expect([status, headers['content-encoding']]).toEqual([200, encoding]);
    expect(headers['content-type']).toMatch(/javascript/);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    if (encoding) expect(headers.vary).toMatch(/accept-encoding/i);
  });

  it('of another build are 404, and nothing outside is reached', async () => {
    for (const name of ['index-00000000.js', '', '..%2findex.html', '..%2f..%2fmain.js']) {
      const { status, headers } = await latchkey.call('GET', `/app/assets/${name}`);
      expect([name, status === 403 || status === 404]).toEqual([name, true]);
      expect(headers['cache-control']).toBeUndefined();
    }
  });
});

it('says what to do where it is not built', async () => {
  const page = join(ASSETS, '../index.html');
  renameSync(page, `${page}.away`);
  try {
    const { status, text } = await latchkey.call('GET', '/app');
    expect([status, text]).toEqual([404, expect.stringContaining('npm run build')]);
  } finally {
    renameSync(`${page}.away`, page);
  }
});
