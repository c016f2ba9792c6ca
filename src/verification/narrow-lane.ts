import { Lane, type Waiting } from '../database/lane.js';
import { LatchkeyError } from '../latchkey.error.js';

/** Keys that are asked for at once, and milliseconds from one time to the next. */
const BATCH = 256;
const PAUSE_MS = 250;
/** As many as have their turn within a second. */
const MAX_WAITING = 1024 - BATCH;

interface Waiter<T> extends Waiting {
  readonly apiKey: string;
  readonly resolve: (found: T) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The way in for unknown callers of an address that has sent too many bad credentials: the one who is right among them is
 * found within moments, and what the others cost is bounded, a few statements a second. Addresses take turns.
 */
export class NarrowLane<T> {
  private readonly lane = new Lane<Waiter<T>>(MAX_WAITING);
  private isBusy = false;

  /** @param read what there is of these keys; it asks the database once. */
  constructor(private readonly read: (apiKeys: string[]) => Promise<(apiKey: string) => T>) {}

  /**
   * What there is of a key, read after this call.
   * @param name takes turns with others.
   * @throws LatchkeyError `too_many_requests` when too many wait; what `read` throws.
   */
  ask(name: string, apiKey: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const message = 'Too many bad credentials from this address, and too many callers that are not known yet.';
      const refuse = () => reject(new LatchkeyError('too_many_requests', `${message} Try again.`, undefined, 1));
      this.lane.add({ name, apiKey, resolve, reject, refuse });
      if (!this.isBusy) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.isBusy = true;
    await Promise.resolve(); // those who came in the same moment go together
    const batch: Waiter<T>[] = [];
    for (let waiter = this.lane.next(); waiter; waiter = batch.length < BATCH ? this.lane.next() : undefined) {
      batch.push(waiter);
    }
    const pause = setTimeout(() => {
      this.isBusy = false;
      if (this.lane.length > 0) void this.work();
    }, PAUSE_MS);
    pause.unref();
    try {
      const found = await this.read([...new Set(batch.map(({ apiKey }) => apiKey))]);
      for (const { apiKey, resolve } of batch) resolve(found(apiKey));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
