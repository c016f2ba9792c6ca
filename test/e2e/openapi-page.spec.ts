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
    for (const path of ['/docs', '/docs/', '/docs/openapi.json', '/docs/swagger-ui-init.js', '/docs/swagger-ui.css'])
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
      'script-src': "script-src 'self'",
      'connect-src': "connect-src 'self'",
      'frame-ancestors': "frame-ancestors 'none'",
      'base-uri': "base-uri 'none'",
    });
    // Every script and style is a file of this server, and none is in the page.
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+\s*=|javascript:/i);
    const links = [...text.matchAll(/\s(?:src|href)=["']([^"']+)["']/g)].map(([, link]) => link!);
    expect(links.length).toBeGreaterThan(4);
    for (const link of links) {
      const url = new URL(link, `${latchkey.url}${path}`);
      expect(url.origin).toBe(new URL(latchkey.url).origin);
      const asset = await latchkey.call('GET', url.pathname);
      expect([link, asset.status]).toEqual([link, 200]);
      expect(asset.headers['content-security-policy']).toBe(headers['content-security-policy']);
    }
  });

  it('loads the document from here, and tells no other host of it', async () => {
    const { text } = await latchkey.call('GET', '/docs/swagger-ui-init.js');
    expect(text).toContain('"swaggerUrl": "/docs/openapi.json"');
    expect(text).toContain('"validatorUrl": null');
    expect(text.match(/https?:\/\/[^"\s]+/g) ?? []).toEqual([]);
  });

  it('answers GET alone', async () => {
    for (const method of ['HEAD', 'POST', 'DELETE'])
      expect([method, (await latchkey.call(method, '/docs')).status]).toEqual([method, 404]);
  });
});

it('without DOCS there is nothing, as at any unknown path', async () => {
  const closed = await startApp({ docs: false });
  for (const path of ['/docs', '/docs/', '/docs/openapi.json', '/docs/swagger-ui.css']) {
    const { status, json } = await closed.call('GET', path);
    expect([path, status, json.code]).toEqual([path, 404, 'not_found']);
    expect((await closed.call('GET', path, { auth: 'nonsense' })).status).toBe(401);
  }
  await closed.close();
});
