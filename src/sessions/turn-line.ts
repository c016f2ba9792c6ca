import { setTimeout as delay } from 'node:timers/promises';

/** How long a guess waits for a turn at most, in milliseconds. The server ends a connection that is silent for 30 s. */
export const WAIT_MS = 20_000;
const TICK_MS = 100;
/** How many wait at most: for one user from one address, from one address, and in all. */
const MAX_OF_A_USER = 10;
const MAX_OF_AN_ADDRESS = 100;
const MAX = 1000;

export interface TurnLineOptions<Turn> {
  /** How many wrong passwords came from there for that user lately. */
  readonly failures: (from: string, user: string) => number;
  /** Whether a turn may be free. */
  readonly mayHaveTurn: (from: string, user: string) => boolean;
  /** @returns undefined when no turn is free at the moment. */
  readonly takeTurn: (from: string, user: string) => Promise<Turn | undefined>;
  /** The error for a guess that finds no room, or has waited too long. */
  readonly refusal: (from: string, user: string) => Error;
}

interface Waiter<Turn> {
  readonly user: string;
  readonly until: number;
  readonly start: (turn: Turn) => void;
  readonly refuse: (error: unknown) => void;
}

/**
 * The guesses that wait for a turn, by address. A turn goes to the user with the fewest wrong passwords; among several
 * such users it is drawn, and then among those who wait for that user. So nobody gets more turns by asking more often,
 * and a program that goes on with an old password lets others pass.
 */
export class TurnLine<Turn> {
  private readonly lines = new Map<string, Waiter<Turn>[]>();
  private count = 0;

  constructor(private readonly options: TurnLineOptions<Turn>) {}

  /** Whether nobody waits there, whom a new guess would overtake. */
  isEmpty(from: string): boolean {
    return !this.lines.has(from);
  }

  /** @throws the refusal. */
  wait(from: string, user: string): Promise<Turn> {
    const line = this.lines.get(from) ?? [];
    const ofUser = line.filter((waiter) => waiter.user === user).length;
    if (this.count >= MAX || line.length >= MAX_OF_AN_ADDRESS || ofUser >= MAX_OF_A_USER)
      throw this.options.refusal(from, user);
    return new Promise((start, refuse) => {
      this.count++;
      line.push({ user, until: performance.now() + WAIT_MS, start, refuse });
      if (this.lines.has(from)) return;
      this.lines.set(from, line);
      void this.serve(from, line);
    });
  }

  /** Runs as long as somebody waits there. */
  private async serve(from: string, line: Waiter<Turn>[]): Promise<void> {
    for (;;) {
      for (const waiter of line.filter(({ until }) => until <= performance.now())) {
        this.remove(line, waiter);
        waiter.refuse(this.options.refusal(from, waiter.user));
      }
      if (line.length === 0) break;
      const waiter = this.draw(from, line);
      if (!waiter || !(await this.serveOne(from, line, waiter))) await delay(TICK_MS);
    }
    this.lines.delete(from);
  }

  /** @returns false when there was no turn. */
  private async serveOne(from: string, line: Waiter<Turn>[], waiter: Waiter<Turn>): Promise<boolean> {
    try {
      const turn = await this.options.takeTurn(from, waiter.user);
      if (turn === undefined) return false;
      waiter.start(turn);
    } catch (error) {
      waiter.refuse(error);
    }
    this.remove(line, waiter);
    return true;
  }

  private draw(from: string, line: Waiter<Turn>[]): Waiter<Turn> | undefined {
    const { mayHaveTurn, failures } = this.options;
    const users = [...new Set(line.map((waiter) => waiter.user))].filter((user) => mayHaveTurn(from, user));
    const least = Math.min(...users.map((user) => failures(from, user)));
    const user = oneOf(users.filter((one) => failures(from, one) === least));
    return oneOf(line.filter((waiter) => waiter.user === user));
  }

  private remove(line: Waiter<Turn>[], waiter: Waiter<Turn>): void {
    line.splice(line.indexOf(waiter), 1);
    this.count--;
  }
}

function oneOf<T>(items: readonly T[]): T | undefined {
  return items[Math.floor(Math.random() * items.length)];
}
