/**
 * A moment, by two clocks, since none alone can be trusted: one stands still while a machine sleeps, the other is set.
 * Milliseconds.
 */
export interface Instant {
  readonly monotonic: number;
  readonly wall: number;
}

/** Where the time comes from; tests have one of their own. */
export interface Clock {
  now(): Instant;
}

/** Token of the clock; without one it is the system's. */
export const CLOCK = Symbol('LATCHKEY_CLOCK');

export const SYSTEM_CLOCK: Clock = {
  // Read anew for each decision: a process that was frozen must see it at once.
  now: () => ({ monotonic: performance.now(), wall: Date.now() }),
};

/** Whether less than `ms` have passed from one moment to the other, by both clocks. */
export function isWithin(ms: number, from: Instant, to: Instant): boolean {
  return to.monotonic - from.monotonic < ms && to.wall - from.wall < ms;
}
