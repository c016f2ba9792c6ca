import { describe, expect, it } from '@jest/globals';
import { Networks, parseNetwork } from '../../src/users/networks.js';
import { isGrantable, isWithinScopes } from '../../src/users/scopes.js';
import { leavesOut, linesOf, networkProblem } from '../../web/src/screens/user/secrets/networks.js';
import { choicesOf, isCovered, isFound, toggled } from '../../web/src/screens/user/secrets/scope-choice.js';
import { allOf, changesIn, draftOf } from '../../web/src/screens/user/secrets/secret-draft.js';
import { type Unit, windowOf } from '../../web/src/ui/rate-limits.js';
import { levelsFor } from '../../web/src/ui/usage/chart-scale.js';

/** What the page makes of a secret's fields, beside what the server makes of them. */

describe('a network, as the page and the server judge it', () => {
  it.each([
    '192.0.2.7',
    '192.0.2.0/24',
    '0.0.0.0/0',
    '192.0.2.7/32',
    '2001:db8::/32',
    '2001:db8::1',
    '::/0',
    '::1/128',
    '::ffff:192.0.2.0/120',
    '::ffff:192.0.2.7',
    'fe80::1',
  ])('%s is one', (text) => {
    expect(() => parseNetwork(text)).not.toThrow();
    expect(networkProblem(text)).toBeUndefined();
  });

  it.each([
    ['192.0.2', 'form'],
    ['192.0.2.07', 'form'],
    ['0x7f.0.0.1', 'form'],
    ['192.0.2.256', 'form'],
    ['192.0.2.0/24/24', 'form'],
    ['fe80::1%eth0', 'form'],
    ['1::2::3', 'form'],
    ['::ffff:192.0.02.7', 'form'],
    ['localhost', 'form'],
    ['192.0.2.0/', 'length'],
    ['192.0.2.0/33', 'length'],
    ['192.0.2.0/-1', 'length'],
    ['192.0.2.0/255.255.255.0', 'length'],
    ['2001:db8::/129', 'length'],
    ['192.0.2.1/24', 'host bits'],
    ['192.0.2.7/31', 'host bits'],
    ['2001:db8::1/64', 'host bits'],
    ['::ffff:192.0.2.1/120', 'host bits'],
  ])('%s is none', (text, kind) => {
    expect(() => parseNetwork(text)).toThrow();
    expect(networkProblem(`192.0.2.0/24\n ${text} `)).toMatchObject({ line: text, kind });
  });

  it.each(['192.0.2.1/24', '192.0.2.7/31', '2001:db8:0:1::9/48', '::ffff:192.0.2.1/120'])(
    'within which %s is, is named, and is one',
    (text) => {
      const { fit } = networkProblem(text)!;
      expect(networkProblem(fit)).toBeUndefined();
      expect(new Networks([parseNetwork(fit)]).includes(text.split('/')[0]!)).toBe(true);
    },
  );

  it.each(['192.0.2.7', '::ffff:192.0.2.7', '198.51.100.1', '2001:db8::1', '::1'])(
    'leaves %s out or not',
    (address) => {
      for (const network of [
        '192.0.2.0/24',
        '0.0.0.0/0',
        '::/0',
        '2001:db8::/32',
        '::ffff:192.0.2.0/120',
        '192.0.2.7',
      ]) {
        const included = new Networks([parseNetwork(network)]).includes(address);
        expect([network, leavesOut(` ${network}\n`, address)]).toEqual([network, !included]);
        expect(leavesOut(`${network}\n${address}`, address)).toBe(false);
      }
    },
  );

  it('leaves nobody out where there is none, or a bad one', () => {
    expect(leavesOut(' \n', '192.0.2.7')).toBe(false);
    expect(leavesOut('198.51.100.0/24\n198.', '192.0.2.7')).toBe(false);
    expect(linesOf('\n a \n\nb')).toEqual(['a', 'b']);
  });
});

describe('a choice of scopes', () => {
  const known = ['reports:read', 'reports:sales:read', 'admin'].map((name) => ({ name, description: `The ${name}` }));
  const choices = choicesOf(known, ['gone:read']);

  it('has the groups, each before what is in it, and what is no longer known', () => {
    expect(choices.map(({ name }) => name)).toEqual([
      'admin',
      'gone:read',
      'reports:*',
      'reports:read',
      'reports:sales:*',
      'reports:sales:read',
    ]);
    expect(choices.every(({ name }) => isGrantable(name))).toBe(true);
  });

  it('takes a group in place of what is in it, as the server judges that', () => {
    const chosen = toggled(['admin', 'reports:read', 'reports:sales:*'], 'reports:*');
    expect(chosen).toEqual(['admin', 'reports:*']);
    for (const { name } of choices) {
      const covered = isCovered(name, chosen) || chosen.includes(name);
      expect([name, covered]).toEqual([name, isWithinScopes([name], chosen)]);
    }
    expect(toggled(chosen, 'reports:*')).toEqual(['admin']);
  });

  it('is found by name or description', () => {
    const found = (search: string) => choices.filter((choice) => isFound(choice, search)).map(({ name }) => name);
    expect(found(' SALES')).toEqual(['reports:sales:*', 'reports:sales:read']);
    expect(found('the admin')).toEqual(['admin']);
    expect(found('')).toHaveLength(6);
  });
});

describe('what somebody makes of a secret', () => {
  const base = draftOf(undefined);

  it('says nothing that was not changed', () => {
    expect(changesIn(base, base)).toEqual({});
    expect(changesIn({ ...base, networks: '192.0.2.0/24\n\n' }, base)).toEqual({ allowedNetworks: ['192.0.2.0/24'] });
    expect(changesIn({ ...base, scopes: [] }, base)).toEqual({ scopes: [] });
    const nothing = { scopes: null, allowedNetworks: null, limits: null };
    expect(allOf({ ...base, name: 'ci' }, base)).toEqual({ name: 'ci', ...nothing });
  });

  it('has limits in the largest unit that fits, and sends them only where they are others', () => {
    const limit = (requests: number, length: number, unit: Unit) => ({
      requests: String(requests),
      length: String(length),
      unit,
    });
    const limited = { ...base, limits: [limit(100, 1, 'minute')] };
    expect(changesIn({ ...limited, limits: [limit(100, 60, 'second')] }, limited)).toEqual({});
    expect(changesIn({ ...limited, limits: [] }, limited)).toEqual({ limits: null });
    expect(changesIn({ ...limited, limits: [...limited.limits, limit(5000, 2, 'day')] }, limited)).toEqual({
      limits: [
        { requests: 100, seconds: 60 },
        { requests: 5000, seconds: 172_800 },
      ],
    });
    expect([1, 60, 90, 3600, 5400, 86_400, 2_678_400].map(windowOf)).toEqual([
      { length: 1, unit: 'second' },
      { length: 1, unit: 'minute' },
      { length: 90, unit: 'second' },
      { length: 1, unit: 'hour' },
      { length: 90, unit: 'minute' },
      { length: 1, unit: 'day' },
      { length: 31, unit: 'day' },
    ]);
  });

  it('ends in so many days, at the end of a day, or never', () => {
    const { expiresAt } = changesIn({ ...base, expiry: '30' }, base);
    expect(Math.abs(Date.parse(expiresAt!) - Date.now() - 30 * 86_400_000)).toBeLessThan(5000);
    const day = changesIn({ ...base, expiry: 'day', day: '2099-12-31' }, base);
    expect(day).toEqual({ expiresAt: new Date(2100, 0, 1).toISOString() });
    expect(changesIn(base, { ...base, expiry: 'same' })).toEqual({ expiresAt: null });
  });
});

it('a chart has few levels, whole numbers, from 0 to above all that it shows', () => {
  expect([0, 4, 5, 7, 9, 1234, 1_000_000].map(levelsFor)).toEqual([
    [0],
    [0, 1, 2, 3, 4],
    [0, 2, 4, 6],
    [0, 2, 4, 6, 8],
    [0, 5, 10],
    [0, 500, 1000, 1500],
    [0, 500_000, 1_000_000],
  ]);
});
