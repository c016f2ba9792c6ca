import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { isTokenScheme, refuseForgery } from '../../src/auth/forgery.js';

const OURS = 'https://keys.example.com';
const HOST = '10.0.0.5:8000';

describe('with PUBLIC_URL', () => {
  it.each([{}, { 'sec-fetch-site': 'none' }, { 'sec-fetch-site': 'same-origin' }, { origin: OURS }])(
    'passes %j',
    (headers) => {
      expect(() => refuseForgery(headers, OURS)).not.toThrow();
    },
  );

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': '' },
    { 'sec-fetch-site': 'none, cross-site' },
    { origin: 'null' },
    { origin: '' },
    { origin: `${OURS}.evil.example` },
    { origin: `http://${HOST}`, host: HOST },
    { 'sec-fetch-site': 'cross-site', origin: OURS },
  ])('refuses %j, but with scheme token', (headers) => {
    expect(() => refuseForgery(headers, OURS)).toThrow('another site');
    expect(() => refuseForgery({ ...headers, authorization: 'Basic YTpi' }, OURS)).toThrow('another site');
    expect(() => refuseForgery({ ...headers, authorization: 'ToKeN a:b' }, OURS)).not.toThrow();
  });
});

describe('without it, the host that the request names', () => {
  it.each([
    ['an address', 'http://10.0.0.5:8000', HOST],
    ['a name', 'http://keys.lan', 'keys.lan'],
    ['behind a proxy that speaks TLS', 'https://keys.example.com', 'keys.example.com'],
    ['on a port of its own', 'https://keys.example.com:8443', 'keys.example.com:8443'],
    ['a proxy that writes the port in full', 'https://keys.example.com', 'keys.example.com:443'],
    ['IPv6', 'http://[fd00::5]:8000', '[fd00::5]:8000'],
    ['in capitals', 'http://keys.lan:8000', 'KEYS.LAN:8000'],
  ])('passes: %s', (_, origin, host) => {
    expect(() => refuseForgery({ origin, host }, undefined)).not.toThrow();
  });

  it.each([
    ['another port', 'http://10.0.0.5:8001', HOST],
    ['the port left out', 'http://10.0.0.5', HOST],
    ['the port of the other scheme', 'http://keys.lan:443', 'keys.lan'],
    ['another host', 'http://evil.example:8000', HOST],
    ['a name that only begins so', 'http://keys.lan.evil.example', 'keys.lan'],
    ['a name below it', 'http://x.keys.lan', 'keys.lan'],
    ['no page', 'null', 'null'],
    ['an empty one', '', ''],
    ['an extension of the browser', 'chrome-extension://keys.lan', 'keys.lan'],
    ['no host', 'http://keys.lan', undefined],
    ['two origins', 'http://keys.lan http://keys.lan', 'keys.lan'],
  ])('refuses: %s', (_, origin, host) => {
    const headers = { origin, ...(host !== undefined && { host }) };
    expect(() => refuseForgery(headers, undefined)).toThrow('another site');
  });

  it('heeds the browser first', () => {
    const headers = { origin: `http://${HOST}`, host: HOST, 'sec-fetch-site': 'cross-site' };
    expect(() => refuseForgery(headers, undefined)).toThrow('another site');
  });

  it('refuses a browser that does not say where from, as it does with GET, and nobody else', () => {
    const browser = { host: HOST, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36' };
    expect(() => refuseForgery(browser, undefined)).toThrow('Your browser does not say where it came from.');
    expect(() => refuseForgery(browser, OURS)).toThrow('another site');
    expect(() => refuseForgery({ ...browser, 'sec-fetch-site': 'same-origin' }, OURS)).not.toThrow();
    expect(() => refuseForgery({ host: HOST, 'user-agent': 'python-requests/2.32.3' }, undefined)).not.toThrow();
  });

  it('believes no other header', () => {
    const headers = { origin: 'http://evil.example', host: HOST, 'x-forwarded-host': 'evil.example' };
    expect(() => refuseForgery(headers, undefined)).toThrow('another site');
  });
});

describe('the refusal', () => {
  const refusal = (headers: IncomingHttpHeaders, publicUrl?: string) => {
    try {
      refuseForgery(headers, publicUrl);
    } catch (error) {
      return (error as Error).message;
    }
    return undefined;
  };

  it('names the origin, and what PUBLIC_URL would allow it', () => {
    for (const publicUrl of [undefined, OURS]) {
      expect(refusal({ origin: 'http://keys.lan:8000', host: '127.0.0.1:8000' }, publicUrl)).toBe(
        'A page of another site may not make this change. It came from http://keys.lan:8000; if that is where users ' +
          'open Latchkey, set PUBLIC_URL=http://keys.lan:8000',
      );
    }
  });

  it('promises nothing that would not help', () => {
    expect(refusal({ origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' })).toBe(
      'A page of another site may not make this change. It came from http://evil.example, which the browser says is ' +
        'not this site.',
    );
    expect(refusal({ 'sec-fetch-site': 'cross-site' })).toBe('A page of another site may not make this change.');
    for (const origin of ['null', '', 'chrome-extension://x', `http://${'x'.repeat(9000)}`, 'http://x/<b>']) {
      expect(refusal({ origin, host: HOST })).toBe(
        'A page of another site may not make this change. Its Origin is not the address of a web page.',
      );
    }
  });
});

it('knows scheme token', () => {
  expect(isTokenScheme({ authorization: 'TOKEN a:b' })).toBe(true);
  for (const authorization of [undefined, 'Basic x', 'token', 'tokens a:b', ' token a:b'])
    expect(isTokenScheme({ authorization })).toBe(false);
});
