import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';

let latchkey: TestApp;
beforeAll(async () => {
  latchkey = await startApp();
});
afterAll(() => latchkey.close());

const CREDENTIALS = [undefined, 'nonsense', 'token lk_x:wrong', 'Basic eDp5'];

describe('/docs', () => {
  it.each(CREDENTIALS)('ignores the Authorization header: %s', async (auth) => {
    for (const path of ['/docs', '/docs/', '/docs/openapi.json', '/docs/reference.css'])
      expect([path, (await latchkey.call('GET', path, { auth })).status]).toEqual([path, 200]);
    expect((await latchkey.call('GET', '/docs/nothing', { auth })).json).toMatchObject({ code: 'not_found' });
  });

  it.each(['/docs', '/docs/'])('has a page at %s that needs no more than its policy allows', async (path) => {
    const { text, headers } = await latchkey.call('GET', path);
    const policy = Object.fromEntries(
      (headers['content-security-policy'] as string).split('; ').map((part) => [part.split(' ')[0], part]),
    );
    expect(policy).toMatchObject({
      'default-src': "default-src 'none'",
      'style-src': "style-src 'self'",
      'frame-ancestors': "frame-ancestors 'none'",
      'base-uri': "base-uri 'none'",
    });
    expect(headers['content-security-policy']).not.toMatch(/script-src|unsafe/);
    expect(text).not.toMatch(/<script|<style|\sstyle=|\son\w+\s*=|javascript:/i);
    const links = [...text.matchAll(/\s(?:src|href)="([^"]+)"/g)].map(([, link]) => link!);
    for (const link of new Set(links)) {
      if (link.startsWith('#')) expect([link, text.includes(`id="${link.slice(1)}"`)]).toEqual([link, true]);
      else expect([link, (await latchkey.call('GET', link)).status]).toEqual([link, 200]);
    }
    expect(links).toEqual(expect.arrayContaining(['/app', '/docs/reference.css', '#createUser', '#schema-Problem']));
  });

  it('has every call of the document on its page, and every schema', async () => {
    const { text } = await latchkey.call('GET', '/docs');
    const { paths, components } = (await latchkey.call('GET', '/docs/openapi.json')).json;
    for (const [path, item] of Object.entries<object>(paths))
      for (const method of Object.keys(item))
        expect(text).toContain(`<b>${method.toUpperCase()}</b> <code>${path}</code></h3>`);
    for (const name of Object.keys(components.schemas)) expect(text).toContain(`<h3 id="schema-${name}">`);
    expect(text).toMatch(/curl -X GET &#34;\$LATCHKEY\/health\/live&#34;<\/pre>/);
    expect(text).toMatch(/curl -X GET &#34;\$LATCHKEY\/v1\/me&#34; \\\n {2}-H &#34;Authorization: token/);
    expect(text).not.toMatch(/undefined|\[object/);
  });

  it('answers GET alone', async () => {
    for (const method of ['HEAD', 'POST', 'DELETE'])
      expect([method, (await latchkey.call(method, '/docs')).status]).toEqual([method, 404]);
  });
});

it('without DOCS there is nothing, as at any unknown path', async () => {
  const closed = await startApp({ docs: false });
  for (const path of ['/docs', '/docs/', '/docs/openapi.json', '/docs/reference.css']) {
    const { status, json } = await closed.call('GET', path);
    expect([path, status, json.code]).toEqual([path, 404, 'not_found']);
    expect((await closed.call('GET', path, { auth: 'nonsense' })).status).toBe(401);
  }
  await closed.close();
});
