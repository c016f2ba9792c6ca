import { Lane, type Waiting } from '../database/lane.js';
import { LatchkeyError } from '../latchkey.error.js';

/** How many keys are read at once, and the time from one read to the next, in milliseconds. */
const BATCH = 256;
const PAUSE_MS = 250;
/** As many as get their turn within a second. */
const MAX_WAITING = 1024 - BATCH;

interface Waiter<T> extends Waiting {
  readonly apiKey: string;
  readonly resolve: (found: T) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The queue for unknown callers from an address that has sent too many bad credentials. A caller with a good pair gets in
 * within moments, and the cost of the others is bounded: a few statements a second. Addresses take turns.
 */
export class NarrowLane<T> {
  private readonly lane = new Lane<Waiter<T>>(MAX_WAITING);
  private isBusy = false;

  /** @param read reads these keys by one query. */
  constructor(private readonly read: (apiKeys: string[]) => Promise<(apiKey: string) => T>) {}

  /**
   * Reads a key, after this call.
   * @param name names take turns.
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
    await Promise.resolve(); // callers who came in the same moment go together
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
