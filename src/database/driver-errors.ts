import { driverErrorOf } from './driver-error.js';
import type { Errors } from './engines/engine.js';
import { ENGINES } from './engines/index.js';

/** Of sockets. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const LOST = new Set(['ECONNRESET', 'EPIPE']);

function isSaidBy(question: keyof Errors, error: unknown): boolean {
  const cause = driverErrorOf(error);
  return ENGINES.some(({ errors }) => errors[question](cause));
}

/** True when the database could not be asked: the error says nothing about what was asked. */
export function isUnavailable(error: unknown): boolean {
  return NETWORK.has(driverErrorOf(error).code ?? '') || isSaidBy('isUnavailable', error);
}

/** True when the database rolled a transaction back for reasons of concurrency: when it is run again, it may succeed. */
export function isRetryable(error: unknown): boolean {
  return isSaidBy('isRetryable', error);
}

/** True when another process is writing to the SQLite file. */
export function isBusy(error: unknown): boolean {
  return isSaidBy('isBusy', error);
}

/** True when a connection that had been open turned out to be closed. */
export function isConnectionLost(error: unknown): boolean {
  return LOST.has(driverErrorOf(error).code ?? '') || isSaidBy('isConnectionLost', error);
}

/** True when a foreign key refused: the referenced row is gone, or the deleted row is still referenced. */
export function isForeignKey(error: unknown): boolean {
  return isSaidBy('isForeignKey', error);
}

/** True when a unique index refused the row. */
export function isDuplicate(error: unknown): boolean {
  return isSaidBy('isDuplicate', error);
}
