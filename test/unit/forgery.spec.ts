import { expect, it } from '@jest/globals';
import { isTokenScheme, refuseForgery } from '../../src/auth/forgery.js';

const OURS = 'https://keys.example.com';

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
  { 'sec-fetch-site': 'cross-site', origin: OURS },
])('refuses %j, but with scheme token', (headers) => {
  expect(() => refuseForgery(headers, OURS)).toThrow('another site');
  expect(() => refuseForgery({ ...headers, authorization: 'Basic YTpi' }, OURS)).toThrow('another site');
  expect(() => refuseForgery({ ...headers, authorization: 'ToKeN a:b' }, OURS)).not.toThrow();
});

it('knows scheme token', () => {
  expect(isTokenScheme({ authorization: 'TOKEN a:b' })).toBe(true);
  for (const authorization of [undefined, 'Basic x', 'token', 'tokens a:b', ' token a:b'])
    expect(isTokenScheme({ authorization })).toBe(false);
});
