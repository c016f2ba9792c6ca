import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Block = readonly [Address, number];

/** At the start of an IPv4 address that is written as an IPv6 address (RFC 4291, 2.5.5.2). */
const MAPPED_BITS = 96;

/**
 * A network in its one spelling, as in `192.0.2.0/24` and `2001:db8::/32`. An address alone is a network of one. An IPv4
 * network that is written as an IPv6 one (`::ffff:192.0.2.0/120`) becomes IPv4.
 * @throws Error with a sentence that says what is wrong.
 */
export function parseNetwork(text: string): string {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) {
    throw new Error('must be an address or a network in CIDR notation, as in 192.0.2.0/24 or 2001:db8::/32');
  }
  const most = version === 4 ? 32 : 128;
  if (bits !== undefined && (!/^(0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > most)) {
    throw new Error(`has to end in a length from 0 to ${most}`);
  }
  const parsed = parseAddress(address);
  const length = bits === undefined ? most : Number(bits);
  if (hasHostBits(parsed, length)) throw new Error(`has bits set beyond its length of ${length}`);
  if (isMapped(parsed)) {
    return `${parsed.toIPv4Address().toString()}/${length - MAPPED_BITS}`;
  }
  return `${parsed.toString()}/${length}`;
}

/** @param text an address, without a zone. */
function parseAddress(text: string): Address {
  // An IPv4-compatible IPv6 address (RFC 4291, 2.5.5.1), which ipaddr.js takes for a mapped one.
  const [, ...parts] = /^::(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text) ?? [];
  const [a, b, c, d] = parts.map((part) => Number(part).toString(16).padStart(2, '0'));
  return ipaddr.parse(a === undefined ? text : `::${a}${b}:${c}${d}`);
}

function isMapped(address: Address): address is ipaddr.IPv6 {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress();
}

function hasHostBits(address: Address, length: number): boolean {
  return address.toByteArray().some((byte, i) => {
    const ofNetwork = Math.min(8, Math.max(0, length - 8 * i));
    return (byte & (0xff >> ofNetwork)) !== 0;
  });
}

/** Networks that were parsed once, for many questions. */
export class Networks {
  private readonly blocks: readonly Block[];
  /** A program comes from the same address each time. */
  private lastIncluded: string | undefined;

  /** @param networks as `parseNetwork` returns them. */
  constructor(networks: readonly string[]) {
    this.blocks = networks.map(blockOf);
  }

  /** @param address as a socket or a proxy names it; false for one that is none. */
  includes(address: string): boolean {
    if (address === this.lastIncluded) return true;
    if (isIP(address) === 0) return false;
    const [plain = ''] = address.split('%'); // the zone of a link-local address is another name of an interface here
    const parsed = parseAddress(plain);
    const own = isMapped(parsed) ? parsed.toIPv4Address() : parsed;
    const included = this.blocks.some((block) => contains(block, [own, Infinity]));
    if (included) this.lastIncluded = address;
    return included;
  }
}

/** Whether every address of `wanted` is in `own`; null is for everywhere. Each network has to be within one of `own`. */
export function isWithinNetworks(wanted: readonly string[] | null, own: readonly string[] | null): boolean {
  if (own === null) return true;
  const blocks = own.map(blockOf);
  return wanted !== null && wanted.map(blockOf).every((one) => blocks.some((block) => contains(block, one)));
}

function blockOf(network: string): Block {
  return ipaddr.parseCIDR(network);
}

function contains([address, length]: Block, [inner, innerLength]: Block): boolean {
  return inner.kind() === address.kind() && innerLength >= length && inner.match(address as never, length);
}
