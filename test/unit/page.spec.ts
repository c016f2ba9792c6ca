import { describe, expect, it } from '@jest/globals';
import { Problem, describeProblem, fieldError } from '../../web/src/problem.js';
import { browserName } from '../../web/src/ui/browser-name.js';
import { withoutSecret } from '../../web/src/without-secret.js';
import { loginSearch, parseSearch, stringifySearch, usersSearch } from '../../web/src/search-params.js';
import { keyCuts } from '../../web/src/ui/key-cuts.js';
import { keyState } from '../../web/src/ui/key-state.js';
import { endTime, exactTime, lengthOfTime, relativeTime, timeLeft } from '../../web/src/ui/time-words.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-24T12:00:00Z');
const ago = (days: number) => new Date(NOW - days * DAY).toISOString();
const live = {
  apiKey: 'lk_x',
  state: 'live' as const,
  hint: 'wxyz',
  keyLastUsedAt: ago(1),
  secretCreatedAt: ago(200),
  expiresAt: null,
  lastUsedAt: ago(1),
};

describe('the state of a key', () => {
  it.each([
    ['none', null],
    ['live', live],
    ['live', { ...live, lastUsedAt: ago(90) }],
    ['dormant', { ...live, lastUsedAt: ago(90.01) }],
    ['never-used', { ...live, lastUsedAt: null }],
    ['expired', { ...live, expiresAt: ago(0) }],
    ['live', { ...live, expiresAt: ago(-1) }],
    ['expired', { ...live, state: 'expired' as const }],
    ['revoked', { ...live, state: 'revoked' as const, lastUsedAt: null }],
    ['retiring', { ...live, state: 'retiring' as const, expiresAt: ago(-1), lastUsedAt: null }],
    ['expired', { ...live, state: 'retiring' as const, expiresAt: ago(0) }],
  ])('is %s', (state, key) => {
    expect(keyState(key, NOW)).toBe(state);
  });
});

describe('a moment in words', () => {
  it.each([
    ['just now', 0.0001],
    ['3 minutes ago', 3.5 / 1440],
    ['2 hours ago', 2.9 / 24],
    ['yesterday', 1.5],
    ['97 days ago', 97],
    ['in 5 days', -5],
    ['in a moment', -0.0001],
  ])('is %s', (words, days) => {
    expect(relativeTime(NOW - days * DAY, NOW)).toBe(words);
  });

  it.each([
    ['7 days', 7],
    ['6 days 23 hours', 6.99],
    ['7 days', 6.9999],
    ['1 hour', 1 / 24],
    ['59 minutes', 59 / 1440],
    ['1 minute', 0],
  ])('is %s away', (words, days) => {
    expect(lengthOfTime(days * DAY)).toBe(words);
    expect(timeLeft(NOW + days * DAY, NOW)).toBe(`${words} left`);
  });

  it.each([
    ['End of Nov 23, 2026', new Date(2026, 10, 24)],
    ['Nov 24, 2026, 12:00 PM', new Date(2026, 10, 24, 12)],
  ])('is an end: %s', (words, at) => expect(endTime(at.getTime()).replaceAll('\u202f', ' ')).toBe(words));

  it('is exact in UTC', () => expect(exactTime(NOW)).toBe('2026-11-24 12:00:00 UTC'));
});

describe('the address', () => {
  it.each(['/users', '/user/a%2Fb?tab=roles'])('leads on to %s', (next) =>
    expect(loginSearch({ next })).toEqual({ next }),
  );
  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'users', '', 7, undefined])(
    'leads nowhere else: %s',
    (next) => expect(loginSearch({ next })).toEqual({}),
  );
  it('keeps what it knows of the filters, and no more', () => {
    const given = { search: '007', key: 'never-used', enabled: 'false', sort: 'fullName', role: 'Reader' };
    const read = usersSearch(parseSearch(`?${new URLSearchParams({ ...given, x: 'y' })}`));
    expect(read).toEqual({ ...given, enabled: false });
    expect(usersSearch(parseSearch(stringifySearch({ ...read })))).toEqual(read);
    expect(usersSearch({ search: `lk_${'a'.repeat(22)}:lks_b` })).toEqual({ search: `lk_${'a'.repeat(22)}` });
    expect(usersSearch({ key: 'x', sort: 'name', enabled: 'yes', search: '' })).toEqual({});
  });
});

describe('the program of a session', () => {
  const mozilla = (rest: string) => `Mozilla/5.0 ${rest}`.slice(0, 120);
  it.each([
    [
      'Chrome on Linux',
      mozilla('(X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36'),
    ],
    [
      'Chrome on Android',
      mozilla('(Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile'),
    ],
    ['Firefox on Windows', mozilla('(Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0')],
    [
      'Safari on macOS',
      mozilla(
        '(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
      ),
    ],
    [
      'Safari on iPhone',
      mozilla(
        '(iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
      ),
    ],
    [
      'Edge on Windows',
      mozilla(
        '(Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0',
      ),
    ],
    [
      'Chrome on iPhone',
      mozilla('(iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/150.0'),
    ],
    ['python-requests/2.32.3', 'python-requests/2.32.3'],
    ['curl/8.9.1', 'curl/8.9.1'],
    ['Unknown program', null],
  ])('is %s', (name, userAgent) => expect(browserName(userAgent)).toBe(name));
});

describe('a search', () => {
  const key = `lk_${'aB3'.repeat(8).slice(0, 22)}`;
  it.each([
    ['anna rossi', 'anna rossi'],
    ['  anna@example.com ', 'anna@example.com'],
    ['Basic Bob', 'Basic Bob'],
    ['lk_short', 'lk_short'],
    [key, key],
    [`${key}:lks_x`, key],
    [`token ${key}:lks_x`, key],
    [`frappe_key,frappe_secret\n${key},lks_x`, key],
    [`Basic ${btoa(`${key}:lks_x`)}`, key],
    [`Basic ${btoa('imported-key:its secret')}`, 'imported-key'],
    [`Basic ${btoa(`${key}:lks_x`).slice(0, -3)}`, ''],
    ['imported-key:its secret', 'imported-key'],
    ['lks_x', ''],
    ['of lks_x1Y', 'of'],
    [':lks_x', ''],
  ])('for %j asks for %j', (text, sent) => expect(withoutSecret(text)).toBe(sent));
});

it('a key has the same seven cuts every time, and another key others', () => {
  expect(keyCuts('lk_x')).toEqual(keyCuts('lk_x'));
  expect(keyCuts('lk_x')).toHaveLength(7);
  expect(keyCuts('lk_x')).not.toEqual(keyCuts('lk_y'));
});

it('a refusal has words for people', () => {
  const say = (status: number, code: string, retryAfter = 1) =>
    describeProblem(new Problem(status, code, 'As the server says it.', 'the-id', [], retryAfter));
  expect(say(412, 'stale')).toMatch(/^This user was changed a moment ago/);
  expect(say(503, 'unavailable', 5)).toBe(
    'The database can’t be reached. Nothing was changed. Try again in 5 seconds.',
  );
  expect(say(429, 'too_many_requests', 1)).toBe('Too many attempts. Try again in 1 second.');
  expect(say(429, 'too_many_requests', 59)).toBe('Too many attempts. Try again in 59 seconds.');
  expect(say(429, 'too_many_requests', 60)).toBe('Too many attempts. Try again in 1 minute.');
  expect(say(429, 'too_many_requests', 241)).toBe('Too many attempts. Try again in 5 minutes.');
  expect(say(500, 'internal')).toContain('Give the request ID the-id to the person who runs it');
  expect(say(401, 'unauthenticated')).toBe('Your session has ended. Log in again.');
  expect(say(400, 'malformed')).toMatch(/^The server can’t read this address/);
  expect(say(409, 'conflict')).toBe('As the server says it.');
});

it('a field has words for people, or those of the server', () => {
  const errors = [
    { field: 'email', code: 'not_an_email', message: '"x" is not an e-mail address.' },
    { field: 'roles', code: 'unknown_role', message: 'There is no role "Reader".' },
  ];
  const problem = new Problem(422, 'validation_failed', 'As the server says it.', 'the-id', errors, 1);
  expect(fieldError(problem, 'email')).toMatch(/^Enter an email address/);
  expect(fieldError(problem, 'roles')).toBe('There is no role "Reader".');
  expect(fieldError(problem, 'fullName')).toBeUndefined();
  expect(describeProblem(problem)).toMatch(/^Enter an email address .+ There is no role "Reader"\.$/);
});
