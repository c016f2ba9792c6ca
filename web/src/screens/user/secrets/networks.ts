import ipaddr from 'ipaddr.js';

const MAPPED_BITS = 96; // of an IPv4 address that is written as an IPv6 one

export interface NetworkProblem {
  readonly line: string;
  readonly kind: 'form' | 'length' | 'host bits';
  /** With `host bits`: the network that the address is in. With `length`: the greatest. */
  readonly fit: string;
}

export function linesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => line.trim() || []);
}

/** What is wrong with the first bad line, as far as a page can tell; the server has the last word. */
export function networkProblem(text: string): NetworkProblem | undefined {
  for (const line of linesOf(text)) {
    const problem = problemOf(line);
    if (problem) return problem;
  }
  return undefined;
}

function problemOf(line: string): NetworkProblem | undefined {
  const [address = '', bits, ...rest] = line.split('/');
  if (!isAddress(address) || rest.length > 0) return { line, kind: 'form', fit: '' };
  const parsed = ipaddr.parse(address);
  const most = parsed.kind() === 'ipv4' ? 32 : 128;
  if (bits === undefined) return undefined;
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > most) return { line, kind: 'length', fit: String(most) };
  const { network, first } = firstOf(parsed, Number(bits));
  return first ? undefined : { line, kind: 'host bits', fit: network };
}

function isAddress(text: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return true;
  if (text.includes('%') || !ipaddr.IPv6.isValid(text)) return false;
  const inIPv4 = text.slice(text.lastIndexOf(':') + 1);
  return !inIPv4.includes('.') || ipaddr.IPv4.isValidFourPartDecimal(inIPv4);
}

/** The network of an address, and whether the address is its first. */
function firstOf(address: ipaddr.IPv4 | ipaddr.IPv6, bits: number): { network: string; first: boolean } {
  const bytes = address.toByteArray();
  const masked = bytes.map((byte, i) => byte & ~(0xff >> Math.min(8, Math.max(0, bits - 8 * i))));
  const network = `${ipaddr.fromByteArray(masked).toString()}/${bits}`;
  return { network, first: masked.every((byte, i) => byte === bytes[i]) };
}

/** Whether there are networks, and none has that address in it. False while one of them is bad. */
export function leavesOut(text: string, address: string): boolean {
  const lines = linesOf(text);
  const [plain = ''] = address.split('%');
  if (lines.length === 0 || networkProblem(text) || !isAddress(plain)) return false;
  const from = ipaddr.process(plain);
  return !lines.some((line) => {
    const [network = '', bits] = line.split('/');
    const asWritten = ipaddr.parse(network);
    const plainNetwork = ipaddr.process(network);
    const whole = plainNetwork.kind() === 'ipv4' ? 32 : 128;
    const mapped = asWritten.kind() === plainNetwork.kind() ? 0 : MAPPED_BITS;
    const length = bits === undefined ? whole : Number(bits) - mapped;
    return plainNetwork.kind() === from.kind() && length >= 0 && from.match(plainNetwork as never, length);
  });
}
