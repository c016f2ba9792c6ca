import { Injectable } from '../nest-core.js';
import { LRUCache } from 'lru-cache';
import { Limit, networkOf } from '../limits/limit.js';
import { TurnLine, WAIT_MS } from './turn-line.js';

const WINDOW_SECONDS = 300;
const OF_A_DEVICE = 10;
/** At most 596 in any hour from one address, and 126 of them for one user, however the windows lie. */
const OF_AN_ADDRESS = { points: 15, secondsForOne: 9 };
const OF_A_USER = { points: 5, secondsForOne: 60 };
/** Failures are counted by user and address: for how many of them, and how long, in milliseconds. */
const FAILURES = { max: 10_000, ttl: 60 * 60 * 1000 };

/** What is known of a log-in before its password is checked. */
export interface Guesser {
  /** The name that is tried, whether it exists or not. */
  readonly user: string;
  readonly address: string;
  /** Identifies a browser in which this user was logged in before. */
  readonly device?: string | undefined;
}

/** Undoes a count. */
type TakeBack = () => Promise<unknown>;

/**
 * Limits wrong passwords: for one user from one address, and from one address for all users. There is no limit for a
 * user from all addresses, which would let anybody lock anybody out. A browser in which the user was logged in before
 * is counted by itself, so that others at its address do not keep it out. Past the free guesses, there is a turn now
 * and then: a right password gets in, and costs nobody a turn.
 */
@Injectable()
export class Guesses {
  private readonly devices = new Limit({
    name: 'guesses-of-a-device',
    points: OF_A_DEVICE,
    seconds: WINDOW_SECONDS,
    refusal: 'Too many wrong passwords from this browser.',
  });
  private readonly addresses = new Allowance('guesses', OF_AN_ADDRESS);
  private readonly users = new Allowance('guesses-of-a-user', OF_A_USER);
  private readonly failures = new LRUCache<string, number>(FAILURES);
  private readonly line = new TurnLine<TakeBack>({
    failures: (from, user) => this.failures.get(`${from} ${user}`) ?? 0,
    mayHaveTurn: (from, user) => this.addresses.left(from) <= 0 && this.users.left(`${from} ${user}`) <= 0,
    takeTurn: (from, user) => this.take(from, user),
    refusal: (from, user) => this.addresses.refusal(Math.max(this.addresses.left(from), this.left(from, user))),
  });

  /**
   * Runs `guess`, which checks a password, when there were not too many wrong ones; else waits for a turn first.
   * @returns what `guess` returns; undefined counts as wrong. An error does not count.
   * @throws LatchkeyError `too_many_requests`.
   */
  async limit<T>(guesser: Guesser, guess: () => Promise<T | undefined>): Promise<T | undefined> {
    // Counted before the check, or many guesses at once would all find room.
    const takeBack = await this.count(guesser);
    let [isRight, isWrong] = [false, false];
    try {
      const found = await guess();
      isWrong = found === undefined;
      isRight = !isWrong;
      return found;
    } finally {
      // Also when it was not checked: else, one who asks again and again while others are hashed would seem new.
      if (!isRight && guesser.device === undefined) this.noteFailure(guesser);
      if (!isWrong) await takeBack();
    }
  }

  private noteFailure({ user, address }: Guesser): void {
    const key = `${networkOf(address)} ${user}`;
    this.failures.set(key, (this.failures.get(key) ?? 0) + 1);
  }

  private async count({ user, address, device }: Guesser): Promise<TakeBack> {
    if (device !== undefined) {
      const key = `${user} ${device}`;
      this.devices.check(key);
      await this.devices.count(key);
      return () => this.devices.takeBack(key);
    }
    const from = networkOf(address);
    const taken = this.line.isEmpty(from) ? await this.take(from, user) : undefined;
    if (taken) return taken;
    const left = this.left(from, user);
    if (left > WAIT_MS) throw this.addresses.refusal(left);
    return this.line.wait(from, user);
  }

  /** The address is counted first: it bounds what is counted for users from there. */
  private async take(from: string, user: string): Promise<TakeBack | undefined> {
    if (this.left(from, user) > 0) return undefined;
    const ofAddress = await this.addresses.take(from);
    if (!ofAddress) return undefined;
    let ofUser: TakeBack | undefined;
    try {
      ofUser = await this.users.take(`${from} ${user}`);
    } finally {
      if (!ofUser) await ofAddress();
    }
    return ofUser && (() => Promise.all([ofAddress(), ofUser()]));
  }

  /** Milliseconds until that user may be tried from there again. */
  private left(from: string, user: string): number {
    return this.users.left(`${from} ${user}`);
  }
}

interface AllowanceOptions {
  /** How many in each window, … */
  readonly points: number;
  /** … and past them, one in so many seconds. */
  readonly secondsForOne: number;
}

/** Some guesses at once, and more of them slowly. */
class Allowance {
  private readonly free: Limit;
  private readonly turns: Limit;

  constructor(name: string, { points, secondsForOne }: AllowanceOptions) {
    const refusal = 'Too many wrong passwords from this address.';
    this.free = new Limit({ name, points, seconds: WINDOW_SECONDS, refusal });
    this.turns = new Limit({ name: `${name}-in-turn`, points: 1, seconds: secondsForOne, refusal });
  }

  /** Milliseconds until the next guess is allowed, as far as is known here; 0 or less when it is allowed now. */
  left(key: string): number {
    return Math.min(this.free.left(key), this.turns.left(key));
  }

  /** @returns undefined when no guess is allowed at the moment. */
  async take(key: string): Promise<TakeBack | undefined> {
    for (const limit of [this.free, this.turns]) {
      if (await limit.tryCount(key)) return () => limit.takeBack(key);
    }
    return undefined;
  }

  refusal(ms: number) {
    return this.turns.refusal(ms);
  }
}
