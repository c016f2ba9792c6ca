/**
 * A moment by two clocks, in milliseconds. Neither can be trusted alone: the monotonic clock may stand still while a
 * machine sleeps, and the wall clock can be set.
 */
export interface Instant {
  readonly monotonic: number;
  readonly wall: number;
}

/** The source of the time; tests have their own. */
export interface Clock {
  now(): Instant;
}

/** Token of the clock. Without a provider, it is the system's. */
export const CLOCK = Symbol('LATCHKEY_CLOCK');

export const SYSTEM_CLOCK: Clock = {
  // Read again for each decision: a process that was frozen must notice it at once.
  now: () => ({ monotonic: performance.now(), wall: Date.now() }),
};

/** Whether less than `ms` have passed from one moment to the other, by both clocks. */
export function isWithin(ms: number, from: Instant, to: Instant): boolean {
  return to.monotonic - from.monotonic < ms && to.wall - from.wall < ms;
}
