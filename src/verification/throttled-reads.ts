import { Lane, type Waiting } from '../database/lane.js';
import { LatchkeyError } from '../latchkey.error.js';
import type { KeyRecord } from './key-record.js';

/** How many keys are read at once, and the time from one read to the next, in milliseconds. */
const BATCH = 256;
const PAUSE_MS = 250;
/** As many as get their turn within a second, of all networks: a first batch leaves at once, and these in the three after it. */
const MAX_WAITING = 1024 - BATCH;

interface Waiter extends Waiting {
  readonly apiKey: string;
  readonly resolve: (key: KeyRecord) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The queue of unknown callers from networks that have sent too many bad credentials. Who has a good token gets in within
 * about a second, unless the queue is full, and the cost of the others is bounded: four statements a second. Networks are
 * served in turn.
 */
export class ThrottledReads {
  private readonly lane = new Lane<Waiter>(MAX_WAITING);
  private isPaused = false;

  /** @param readMany reads these keys by one query. */
  constructor(private readonly readMany: (apiKeys: string[]) => Promise<(apiKey: string) => KeyRecord>) {}

  /**
   * Reads a key, by a read that begins after this call.
   * @throws LatchkeyError `too_many_requests` when too many wait, `unavailable`
   */
  read(network: string, apiKey: string): Promise<KeyRecord> {
    return new Promise((resolve, reject) => {
      const message = 'Too many bad credentials from this address, and too many callers that are not known yet.';
      // For whom the lane has no place: the newest of the network that has most in it.
      const refuse = () => reject(new LatchkeyError('too_many_requests', `${message} Try again.`, undefined, 1));
      this.lane.add({ name: network, apiKey, resolve, reject, refuse });
      if (!this.isPaused) void this.readBatch();
    });
  }

  private async readBatch(): Promise<void> {
    this.isPaused = true;
    await Promise.resolve(); // callers who came in the same moment go together
    const batch: Waiter[] = [];
    for (let waiter = this.lane.next(); waiter; waiter = batch.length < BATCH ? this.lane.next() : undefined) {
      batch.push(waiter);
    }
    const pause = setTimeout(() => {
      this.isPaused = false;
      if (this.lane.length > 0) void this.readBatch();
    }, PAUSE_MS);
    pause.unref();
    const read = this.readMany([...new Set(batch.map(({ apiKey }) => apiKey))]);
    // Each by itself: what was read of one key may be too old, and that of the others good.
    for (const { apiKey, resolve, reject } of batch) read.then((lookUp) => resolve(lookUp(apiKey))).catch(reject);
  }
}
