import { describe, expect, it } from '@jest/globals';
import { BlockList, isIP } from 'node:net';
import { isWithinNetworks, Networks, parseNetwork } from '../../src/users/networks.js';
import { Random } from '../long/bad-values.js';

const SEED = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 1e9));
const random = new Random(SEED);

type Family = 'ipv4' | 'ipv6';
interface Block {
  readonly family: Family;
  readonly bytes: readonly number[];
  readonly length: number;
}

const randomBytes = (count: number) => Array.from({ length: count }, () => random.below(256));
const isOn = (bytes: readonly number[], bit: number) => ((bytes[bit >> 3]! >> (7 - (bit & 7))) & 1) === 1;

/** With all bits from `from` on as `bitOf` says. */
function withBits(bytes: readonly number[], from: number, bitOf: (bit: number) => boolean): number[] {
  const result = [...bytes];
  for (let bit = from; bit < 8 * bytes.length; bit++) {
    const mask = 1 << (7 - (bit & 7));
    result[bit >> 3] = bitOf(bit) ? result[bit >> 3]! | mask : result[bit >> 3]! & ~mask;
  }
  return result;
}

function written({ family, bytes: [...parts] }: Pick<Block, 'family' | 'bytes'>): string {
  if (family === 'ipv4') return parts.join('.');
  return Array.from({ length: 8 }, (_, i) => ((parts[2 * i]! << 8) | parts[2 * i + 1]!).toString(16)).join(':');
}

function randomBlock(): Block {
  const family = random.pick(['ipv4', 'ipv6'] as const);
  const size = family === 'ipv4' ? 4 : 16;
  const length = random.below(8 * size + 1);
  return { family, length, bytes: withBits(randomBytes(size), length, () => false) };
}

/** One in it, one that differs from it in one bit of its own, or any. */
function randomAddress({ family, bytes: own, length }: Block): { family: Family; bytes: number[] } {
  const inside = withBits(own, length, () => random.below(2) === 1);
  const kind = random.below(3);
  if (kind === 0 || (kind === 1 && length === 0)) return { family, bytes: inside };
  if (kind === 1) {
    const bit = random.below(length);
    inside[bit >> 3]! ^= 1 << (7 - (bit & 7));
    return { family, bytes: inside };
  }
  const other = random.pick(['ipv4', 'ipv6'] as const);
  return { family: other, bytes: randomBytes(other === 'ipv4' ? 4 : 16) };
}

describe(`networks (TEST_SEED=${SEED})`, () => {
  it('1,000 at random include what BlockList of Node says', () => {
    let included = 0;
    const wrong: unknown[] = [];
    for (let i = 0; i < 1000; i++) {
      const blocks = Array.from({ length: 1 + random.below(4) }, randomBlock);
      const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
      for (const block of blocks) lists[block.family].addSubnet(written(block), block.length, block.family);
      const texts = blocks.map((block) => `${written(block)}/${block.length}`);
      const networks = new Networks(texts.map(parseNetwork));
      for (let j = 0; j < 10; j++) {
        const address = randomAddress(random.pick(blocks));
        const text = written(address);
        const expected = lists[address.family].check(text, address.family);
        // An IPv4 address is the same when a socket for both families names it.
        const names = address.family === 'ipv4' ? [text, `::ffff:${text}`] : [text];
        wrong.push(
          ...names.filter((name) => networks.includes(name) !== expected).map((name) => [texts, name, expected]),
        );
        if (expected) included++;
      }
    }
    expect(wrong).toEqual([]);
    expect(included).toBeGreaterThan(2000);
    expect(included).toBeLessThan(8000);
  });

  it('1,000 at random are within others, bit by bit', () => {
    for (let i = 0; i < 1000; i++) {
      const outer = randomBlock();
      const { family, bytes: near } = randomAddress(outer);
      const length = random.below(8 * near.length + 1);
      const inner: Block = { family, length, bytes: withBits(near, length, () => false) };
      const same = Array.from({ length: outer.length }, (_, bit) => isOn(outer.bytes, bit) === isOn(inner.bytes, bit));
      const expected = family === outer.family && length >= outer.length && same.every(Boolean);
      const [own, wanted] = [outer, inner].map((block) => parseNetwork(`${written(block)}/${block.length}`));
      expect([own, wanted, isWithinNetworks([wanted!], [own!])]).toEqual([own, wanted, expected]);
    }
  });
});

describe('a network', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7/32'],
    ['192.0.2.0/24', '192.0.2.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::/0', '::/0'],
    ['::1', '::1/128'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['2001:0db8:0000:0000:0000:0000:0000:0000/32', '2001:db8::/32'],
    ['fe80::/10', 'fe80::/10'],
    ['::ffff:192.0.2.7', '192.0.2.7/32'],
    ['::FFFF:c000:207', '192.0.2.7/32'],
    ['::ffff:192.0.2.0/120', '192.0.2.0/24'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
    ['64:ff9b::192.0.2.0/120', '64:ff9b::c000:200/120'],
    ['::192.0.2.7', '::c000:207/128'],
  ])('%s is %s', (text, network) => {
    expect(parseNetwork(text)).toBe(network);
    expect(parseNetwork(network)).toBe(network);
  });

  it.each([
    ['192.0.2.7/24', /bits set beyond its length of 24/],
    ['192.0.2.1/31', /bits set/],
    ['2001:db8::1/64', /bits set/],
    ['::ffff:192.0.2.7/120', /bits set/],
    ['0.0.0.1/0', /bits set/],
    ['::ffff:0:0/95', /bits set/],
    ['192.0.2.0/33', /from 0 to 32/],
    ['2001:db8::/129', /from 0 to 128/],
    ['192.0.2.0/-1', /from 0 to 32/],
    ['192.0.2.0/', /from 0 to 32/],
    ['192.0.2.0/024', /from 0 to 32/],
    ['192.0.2.0/2 4', /from 0 to 32/],
    ['192.0.2.0/24.0', /from 0 to 32/],
    ['192.0.2.0/1e1', /from 0 to 32/],
    ['192.0.2.0/255.255.255.0', /from 0 to 32/],
    ...[
      ['', ' ', '/', '/24', '192.0.2', '192.0.2.0.0', '192.0.2.256', '010.0.0.1', '0x7f.0.0.1', '2130706433', '1'],
      ['192.0.2.0/24/24', ' 192.0.2.0', '192.0.2.0 ', '192.0.2.*', '192.0.2.1-192.0.2.9', 'localhost', '::g', ':::'],
      ['fe80::1%eth0', 'fe80::%eth0/64', '[::1]', '[::1]:80', '192.0.2.1:80', '1::2::3', '192.0.2.0\n', '１.1.1.1'],
      ['192.0.2.1%eth0', '::ffff:192.0.2', '*', 'any', 'null'],
    ]
      .flat()
      .map((text): [string, RegExp] => [text, /CIDR notation/]),
  ])('%j is none', (text, sentence) => expect(() => parseNetwork(text)).toThrow(sentence));
});

describe('an address', () => {
  const includes = (network: string, address: string) => new Networks([parseNetwork(network)]).includes(address);

  it.each([
    ['192.0.2.0/24', '::ffff:192.0.2.7', true],
    ['192.0.2.0/24', '::ffff:c000:207', true],
    ['::ffff:192.0.2.0/120', '192.0.2.7', true],
    ['0.0.0.0/0', '::ffff:1.2.3.4', true],
    // An IPv4 address is no IPv6 address, however it is written.
    ['::/0', '192.0.2.7', false],
    ['::/0', '::ffff:192.0.2.7', false],
    ['0.0.0.0/0', '::1', false],
    ['0.0.0.0/0', '::192.0.2.7', false],
    ['::192.0.2.0/120', '::c000:207', true],
    ['::c000:200/120', '::192.0.2.7', true],
    ['192.0.2.0/24', '::c000:207', false],
    // The zone of a link-local address is the name of an interface of this machine.
    ['fe80::/10', 'fe80::1%eth0', true],
    ['fe80::1', 'fe80::1%2', true],
    ['fe80::1', 'fe80::2%2', false],
    // None of these is an address.
    ['0.0.0.0/0', '', false],
    ['0.0.0.0/0', '192.0.2.7%eth0', false],
    ['0.0.0.0/0', '192.0.2.7, 192.0.2.8', false],
    ['0.0.0.0/0', '192.0.2.7:443', false],
    ['0.0.0.0/0', ' 192.0.2.7', false],
    ['0.0.0.0/0', '010.0.0.1', false],
    ['0.0.0.0/0', '1', false],
    ['::/0', 'unknown', false],
    ['::/0', '[::1]', false],
    ['::/0', '::1%', false],
  ])('of %s: %j is %p', (network, address, expected) => {
    expect(includes(network, address)).toBe(expected);
    expect(isIP(address) === 0 && expected).toBe(false);
  });

  it('that was included says nothing of the next one', () => {
    const networks = new Networks(['192.0.2.0/24', '::1/128']);
    const addresses = ['192.0.2.1', '192.0.3.1', '192.0.2.1', '', '::1', '::2', '192.0.2.2'];
    expect(addresses.map((address) => networks.includes(address))).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
  });
});
