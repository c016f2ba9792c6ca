import { describe, expect, it } from '@jest/globals';
import {
  authorizationOf,
  describe as describeHeader,
  parseBasic,
  parseToken,
} from '../../src/auth/authorization-header.js';

const b64 = (text: string | number[]) => Buffer.from(text as string).toString('base64');
const malformed = { problem: 'malformed', detail: expect.any(String) };
const undecodable = { problem: 'undecodable', detail: expect.any(String) };

describe.each([
  ['token', parseToken, (pair: string) => `token ${pair}`],
  ['basic', parseBasic, (pair: string) => `basic ${b64(pair)}`],
] as const)('scheme %s', (scheme, parse, write) => {
  it.each([
    ['k:s', { apiKey: 'k', apiSecret: 's' }],
    ['k:s:t', { apiKey: 'k', apiSecret: 's:t' }],
    ['k::', { apiKey: 'k', apiSecret: ':' }],
  ])('reads %s', (pair, expected) => {
    expect(parse(write(pair))).toEqual(expected);
    expect(parse(write(pair).replace(scheme, scheme.toUpperCase()))).toEqual(expected);
  });

  it.each(['k:', ':s', ':', 'ks'])('refuses the pair %s', (pair) => expect(parse(write(pair))).toEqual(malformed));

  it.each(['', ' ', '  a:b', '\ta:b', ' a:b ', ' a:b c', ' a:\u0001b'])('refuses "scheme%s"', (rest) => {
    expect(parse(scheme + rest)).toEqual(malformed);
  });

  it.each([undefined, '', 'Bearer x', `x${scheme} a:b`, `${scheme}x a:b`, `${scheme}:a:b`, scheme.slice(0, 3)])(
    'does not know %p',
    (header) => expect(parse(header)).toBeUndefined(),
  );

  it('refuses more than 4 KiB', () => {
    expect(parse(write(`k:${'x'.repeat(2000)}`))).toHaveProperty('apiKey');
    expect(parse(write(`k:${'x'.repeat(4200)}`))).toEqual(malformed);
  });
});

describe('Basic', () => {
  it.each([
    ['no padding', 'YTpi'.slice(0, 3)],
    ['padding left out', b64('k:s2').replace(/=+$/, '')],
    ['too much padding', `${b64('k:s')}====`],
    ['bits that mean nothing', 'YTpiY2R='],
    ['another alphabet', '_-_-'],
    ['a foreign character', 'YTp.'],
    ['no UTF-8', b64([0x61, 0x3a, 0xff])],
    ['an over-long UTF-8', b64([0x61, 0x3a, 0xc0, 0xaf])],
    ['a control character', b64('k:s\n')],
    ['DEL', b64('k:\u007f')],
  ])('does not decode %s', (_, credentials) => {
    expect(parseBasic(`Basic ${credentials}`)).toEqual(undecodable);
  });

  it('reads UTF-8, and keeps a byte order mark', () => {
    expect(parseBasic(`Basic ${b64('kä:s€')}`)).toEqual({ apiKey: 'kä', apiSecret: 's€' });
    expect(parseBasic(`Basic ${b64('\ufeffk:s')}`)).toEqual({ apiKey: '\ufeffk', apiSecret: 's' });
  });

  it.each(["b'YTpi'", 'b"YTpi"'])("knows Python's %s", (credentials) => {
    expect(parseBasic(`Basic ${credentials}`)).toEqual({
      problem: 'malformed',
      detail: expect.stringContaining('.decode()'),
    });
  });
});

describe('the one header of a request', () => {
  const of = (...values: string[]) => ({
    headers: values.length === 0 ? {} : { authorization: values[0]! },
    rawHeaders: ['Host', 'x', ...values.flatMap((value) => ['Authorization', value])],
  });
  it('is it, or undefined', () => {
    expect(authorizationOf(of())).toBeUndefined();
    expect(authorizationOf(of(''))).toBe('');
    expect(authorizationOf(of('token a:b'))).toBe('token a:b');
  });

  it('of several none is taken', () => {
    for (const two of [of('token a:b', 'token a:b'), of('token a:b', 'Bearer x'), of('Basic YTpi', 'Basic YTpi')]) {
      const header = authorizationOf(two);
      expect([parseToken(header), parseBasic(header)]).toContainEqual(malformed);
      expect([parseToken(header), parseBasic(header)].some((parsed) => parsed && 'apiKey' in parsed)).toBe(false);
    }
  });

  it('is told apart when neither scheme takes it', () => {
    expect(new Set([undefined, '', 'Bearer x'].map(describeHeader)).size).toBe(3);
  });
});
