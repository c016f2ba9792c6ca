import { LatchkeyError } from '../latchkey.error.js';

export interface SlotsOptions {
  /** How many may be at it at once. */
  readonly atOnce: number;
  /** How many may wait in line. */
  readonly waiting: number;
  /** Milliseconds that one waits at most. */
  readonly waitMs: number;
  /** What those are told who find no place in line, or wait too long. */
  readonly refusal: string;
}

/** `unavailable`, without asking anybody. */
export class Shed extends LatchkeyError {
  constructor(message: string) {
    super('unavailable', message);
  }
}

/** A bulkhead: so many at once, a short line of others, and the rest is turned away. */
export class Slots {
  private readonly line: (() => void)[] = [];
  private free: number;

  constructor(private readonly options: SlotsOptions) {
    this.free = options.atOnce;
  }

  /** @returns what gives the slot back. @throws Shed when none becomes free in time. */
  async take(): Promise<() => void> {
    if (this.free > 0) this.free--;
    else await this.turn();
    return () => {
      const next = this.line.shift();
      if (next) next();
      else this.free++;
    };
  }

  private turn(): Promise<void> {
    const { waiting, waitMs, refusal } = this.options;
    if (this.line.length >= waiting) throw new Shed(refusal);
    return new Promise((resolve, reject) => {
      const next = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.line.splice(this.line.indexOf(next), 1);
        reject(new Shed(refusal));
      }, waitMs);
      this.line.push(next);
    });
  }
}
