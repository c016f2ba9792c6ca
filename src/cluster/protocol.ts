import type { Registry } from 'prom-client';
import type { Change } from '../database/invalidations.js';

/** Argument of the first worker, which does what is done once: the tables, the first password, the first start's text. */
export const FIRST = 'first';

export type Metrics = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** What a worker asks the primary. */
export interface ToPrimary {
  /** From the answer on, the worker is told of changes; until then it reads nothing that it could cache. */
  join(): void;
  /** It listens, at that URL. */
  serving(url: string): void;
  /** Answered once all other workers know of that change. */
  change(change: Change): Promise<unknown>;
}

/** What the primary asks a worker. */
export interface ToWorker {
  /** To take in a change of another worker. */
  change(change: Change): void;
  metrics(): Promise<Metrics>;
  /** Answered as soon as its event loop turns. */
  alive(): void;
  /** To take no more connections, and to end once the requests under way are answered. */
  leave(): void;
}
