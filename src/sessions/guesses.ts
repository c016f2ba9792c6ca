import { isIPv6 } from 'node:net';
import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { LatchkeyError } from '../latchkey.error.js';

const WINDOW_SECONDS = 300;
const PER_USER_AND_ADDRESS = 10;
const PER_ADDRESS = 50;

/**
 * Bounds wrong passwords: for one user from one address, and from one address altogether. Never for a user from
 * everywhere, which would let anybody lock anybody out. In memory: each process counts for itself.
 */
@Injectable()
export class Guesses {
  private readonly pairs = new RateLimiterMemory({ points: PER_USER_AND_ADDRESS, duration: WINDOW_SECONDS });
  private readonly addresses = new RateLimiterMemory({ points: PER_ADDRESS, duration: WINDOW_SECONDS });

  /**
   * Lets `guess` find out whether a password is right, if there were not too many wrong ones.
   * @returns what it returns; undefined counts as wrong. What it throws does not count.
   * @throws LatchkeyError `too_many_requests`.
   */
  async limit<T>(user: string, address: string, guess: () => Promise<T | undefined>): Promise<T | undefined> {
    const from = networkOf(address);
    const pair = `${from} ${user}`;
    // Counted before it is known, or many at once would all find room.
    await this.count(this.addresses, from);
    try {
      await this.count(this.pairs, pair);
    } catch (error) {
      await this.addresses.reward(from);
      throw error;
    }
    let wrong = false;
    try {
      const result = await guess();
      wrong = result === undefined;
      if (!wrong) await this.pairs.delete(pair);
      return result;
    } catch (error) {
      await this.pairs.reward(pair);
      throw error;
    } finally {
      if (!wrong) await this.addresses.reward(from);
    }
  }

  private async count(limiter: RateLimiterMemory, key: string): Promise<void> {
    const state = await limiter.consume(key).catch((refused: RateLimiterRes | Error) => refused);
    if (state instanceof Error) throw state;
    if (state.consumedPoints <= limiter.points) return;
    const seconds = Math.max(1, Math.ceil(state.msBeforeNext / 1000));
    const message = `Too many wrong passwords from this address. Try again in ${seconds} seconds.`;
    throw new LatchkeyError('too_many_requests', message, undefined, seconds);
  }
}

/** One person has a whole /64 of IPv6 addresses (RFC 6177). */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [head = '', tail = ''] = address.split('%')[0]!.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const groups = address.includes('::')
    ? [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
    : left;
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
