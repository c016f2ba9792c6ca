import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM_LENGTH = 6;

/** `lk_` and 22 random base62 characters (131 bits). */
export function makeApiKey(): string {
  return `lk_${randomBase62(22)}`;
}

/** `lks_`, 43 random base62 characters (256 bits), and the CRC-32 (IEEE) of all that as 6 base62 characters. */
export function makeApiSecret(): string {
  const body = `lks_${randomBase62(43)}`;
  return body + checksum(body);
}

/** What is stored of a secret: the digest, how it was made, and the last four characters. */
export function storedForm(apiSecret: string): { algorithm: string; digest: string; hint: string } {
  return { algorithm: 'sha256', digest: digestOf(apiSecret), hint: apiSecret.slice(-4) };
}

/** What is stored of a secret to compare it with. */
export interface StoredDigest {
  readonly algorithm: string;
  readonly digest: string;
}

const presented = Buffer.alloc(32);
const expected = Buffer.alloc(32);

/** The SHA-256, in hex, of a secret that was presented. It is made once, and compared with all that is stored. */
export function digestOf(apiSecret: string): string {
  return hash('sha256', apiSecret);
}

/**
 * Whether a secret is the stored one, in constant time. False for an algorithm that this version does not know.
 * @param presentedDigest the `digestOf` that secret.
 */
export function hasDigest({ algorithm, digest }: StoredDigest, presentedDigest: string): boolean {
  // Written into existing buffers, which is faster than new ones.
  presented.write(presentedDigest, 'hex');
  // Each algorithm would have its line here. 256 random bits need no slow hash; a weaker imported secret would.
  if (algorithm !== 'sha256' || expected.write(digest, 'hex') !== expected.length) return false;
  return timingSafeEqual(presented, expected);
}

/** A secret of an unknown key is compared with this, so that it costs the same. Nothing has this digest. */
export const DUMMY: StoredDigest = { algorithm: 'sha256', digest: '0'.repeat(64) };

/** @returns a function that turns texts into a number below 2^48: equal texts into the same one, by a random key. */
export function makeMarker(): (...texts: string[]) => number {
  const key = randomBytes(32);
  return (...texts) => createHmac('sha256', key).update(JSON.stringify(texts)).digest().readUIntBE(0, 6);
}

function randomBase62(length: number): string {
  let text = '';
  while (text.length < length) {
    // 248 is the largest multiple of 62 in a byte: the rest would make some characters more likely.
    for (const byte of randomBytes(length)) if (byte < 248 && text.length < length) text += BASE62[byte % 62];
  }
  return text;
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (; text.length < CHECKSUM_LENGTH; rest = Math.floor(rest / 62)) text = BASE62[rest % 62]! + text;
  return text;
}
