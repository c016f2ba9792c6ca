import { Injectable } from '@nestjs/common';
import { Limit, networkOf } from '../limits/limit.js';

const WINDOW = { seconds: 300, refusal: 'Too many wrong passwords from this address.' };
const PER_USER_AND_ADDRESS = 10;
const PER_ADDRESS = 50;

/**
 * Bounds wrong passwords: for one user from one address, and from one address altogether. Never for a user from
 * everywhere, which would let anybody lock anybody out.
 */
@Injectable()
export class Guesses {
  private readonly pairs = new Limit({ name: 'guesses-of-a-user', points: PER_USER_AND_ADDRESS, ...WINDOW });
  private readonly addresses = new Limit({ name: 'guesses', points: PER_ADDRESS, ...WINDOW });

  /**
   * Lets `guess` find out whether a password is right, if there were not too many wrong ones.
   * @returns what it returns; undefined counts as wrong. What it throws does not count.
   * @throws LatchkeyError `too_many_requests`.
   */
  async limit<T>(user: string, address: string, guess: () => Promise<T | undefined>): Promise<T | undefined> {
    const from = networkOf(address);
    const pair = `${from} ${user}`;
    // Counted before it is known, or many at once would all find room.
    await this.addresses.count(from);
    try {
      await this.pairs.count(pair);
    } catch (error) {
      await this.addresses.takeBack(from);
      throw error;
    }
    let wrong = false;
    try {
      const result = await guess();
      wrong = result === undefined;
      if (!wrong) this.pairs.forget(pair);
      return result;
    } catch (error) {
      await this.pairs.takeBack(pair);
      throw error;
    } finally {
      if (!wrong) await this.addresses.takeBack(from);
    }
  }
}
