import { LatchkeyError } from '../latchkey.error.js';

export interface BulkheadOptions {
  /** How many calls may run at once, at the moment; never none. */
  readonly atOnce: () => number;
  /** How many calls wait at most. */
  readonly waiting: number;
  /** How long a call waits at most, in milliseconds. */
  readonly waitMs: number;
  /** The message for a call that finds the queue full, or waits too long. */
  readonly refusal: string;
}

/** `unavailable`: a bulkhead was full, and the database was not asked. */
export class Rejected extends LatchkeyError {
  constructor(message: string) {
    super('unavailable', message);
  }
}

/** Limits how many calls run at once (the bulkhead pattern): a few others wait in a queue, and the rest is rejected. */
export class Bulkhead {
  private readonly queue: (() => void)[] = [];
  private running = 0;

  constructor(private readonly options: BulkheadOptions) {}

  /** @returns a function that gives the place back. @throws Rejected when no place becomes free in time. */
  async take(): Promise<() => void> {
    if (this.running < this.options.atOnce()) this.running++;
    else await this.turn();
    return () => {
      this.running--;
      while (this.queue.length > 0 && this.running < this.options.atOnce()) {
        this.running++;
        this.queue.shift()!();
      }
    };
  }

  private turn(): Promise<void> {
    const { waiting, waitMs, refusal } = this.options;
    if (this.queue.length >= waiting) throw new Rejected(refusal);
    return new Promise((resolve, reject) => {
      const next = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.queue.splice(this.queue.indexOf(next), 1);
        reject(new Rejected(refusal));
      }, waitMs);
      this.queue.push(next);
    });
  }
}
