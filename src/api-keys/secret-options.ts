import { invalid, LatchkeyError } from '../latchkey.error.js';
import { parseNetwork } from '../users/networks.js';
import { isGrantable, MAX_SCOPE } from '../users/scopes.js';
import { checkLimits, type RateLimit } from '../users/rate-limits.js';
import { checkText, shown } from '../users/user-name.js';
import type { ApiSecret } from './api-secret.entity.js';
import { requireFuture } from './expiry.js';
import { DAY_MS } from './key-filter.js';

/** What a secret may. Of a new one, what is left out comes from the last secret of that name. */
export interface SecretOptions {
  /** 1 to 60 printable characters; blanks around it are cut. Default `default`. */
  readonly name?: string;
  /** At most 100; null for all that the user may do. */
  readonly scopes?: readonly string[] | null;
  /** 1 to 50 CIDRs or addresses; null for anywhere. */
  readonly allowedNetworks?: readonly string[] | null;
  /** Null for never. */
  readonly expiresAt?: Date | null;
  /** 1 to 4; null for none. Secrets of one name of a key share them. */
  readonly limits?: readonly RateLimit[] | null;
}

/** Nest's injection token of the rules of this installation. */
export const SECRET_RULES = Symbol('SECRET_RULES');

export interface SecretRules {
  /** No secret lives longer, in days; where nothing is said, it lives so long. Default: no limit. */
  readonly maxSecretDays?: number;
}

export const DEFAULT_NAME = 'default';
/** How many names of a key may have a live secret. */
export const MAX_NAMES = 20;
const MAX_NAME = 60;
export const MAX_SCOPES = 100;
export const MAX_NETWORKS = 50;
export const MIN_OVERLAP = 60;
export const MAX_OVERLAP = 90 * 24 * 60 * 60;

/** @returns the same in the form in which it is stored. @throws LatchkeyError `validation_failed`. */
export function checkOptions({ name, scopes, allowedNetworks, expiresAt, limits }: SecretOptions): SecretOptions {
  requireFuture(expiresAt ?? undefined);
  return {
    ...(name !== undefined && { name: checkName(name) }),
    ...(scopes !== undefined && { scopes: scopes && checkScopes(scopes) }),
    ...(allowedNetworks !== undefined && { allowedNetworks: allowedNetworks && checkNetworks(allowedNetworks) }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(limits !== undefined && { limits: limits && checkLimits(limits) }),
  };
}

export function checkName(name: string): string {
  return checkText(name, { field: 'name', code: 'bad_name', what: 'The name of a secret', most: MAX_NAME });
}

/** @throws LatchkeyError `validation_failed` on `scopes`. Whether they are known is asked in the transaction. */
function checkScopes(scopes: readonly string[]): string[] {
  if (scopes.length > MAX_SCOPES) throw invalid('scopes', 'too_many', `A secret has at most ${MAX_SCOPES} scopes.`);
  const bad = scopes.find((scope) => !isGrantable(scope));
  if (bad !== undefined) {
    const rule = `letters a to z, digits, ".", "_" and "-", in parts joined by ":", at most ${MAX_SCOPE} characters, and ":*" at the end for all below`;
    throw invalid('scopes', 'bad_scope', `"${shown(bad)}" is no scope, which has ${rule}, as in reports:read.`);
  }
  return [...new Set(scopes)].toSorted();
}

function checkNetworks(networks: readonly string[]): string[] {
  if (networks.length === 0 || networks.length > MAX_NETWORKS) {
    const message = `A secret has 1 to ${MAX_NETWORKS} networks; null is for anywhere.`;
    throw invalid('allowedNetworks', networks.length === 0 ? 'none' : 'too_many', message);
  }
  return [...new Set(networks.map(checkNetwork))];
}

function checkNetwork(text: string): string {
  try {
    return parseNetwork(text);
  } catch (error) {
    throw invalid('allowedNetworks', 'bad_network', `"${shown(text)}" ${(error as Error).message}.`);
  }
}

/** @throws LatchkeyError `validation_failed` on `overlapSeconds`. */
export function checkOverlap(seconds: number): void {
  if (seconds === 0 || (Number.isSafeInteger(seconds) && seconds >= MIN_OVERLAP && seconds <= MAX_OVERLAP)) return;
  const message = `An overlap is 0, or ${MIN_OVERLAP} to ${MAX_OVERLAP} seconds (90 days).`;
  throw invalid('overlapSeconds', 'bad_overlap', message);
}

/**
 * When a secret ends.
 * @param wanted undefined: nothing was said; null: never, on purpose.
 * @param lifetimeMs what it inherits; null for for ever.
 * @throws LatchkeyError `validation_failed` on `expiresAt` when that is later than the installation allows.
 */
export function endOf(
  createdAt: Date,
  wanted: Date | null | undefined,
  { lifetimeMs = null, maxDays }: { lifetimeMs?: number | null; maxDays: number | undefined },
): Date | null {
  const most = maxDays === undefined ? Infinity : createdAt.getTime() + maxDays * DAY_MS;
  if (wanted === undefined) {
    const end = Math.min(lifetimeMs === null ? Infinity : createdAt.getTime() + lifetimeMs, most);
    return end === Infinity ? null : new Date(end);
  }
  if ((wanted?.getTime() ?? Infinity) > most) {
    const message = `A secret lives for at most ${maxDays} days here, so until ${new Date(most).toISOString()}.`;
    throw invalid('expiresAt', 'too_late', message);
  }
  return wanted;
}

/** How long a secret lives, in milliseconds; null for for ever. */
export function lifetimeOf({ createdAt, expiresAt }: Pick<ApiSecret, 'createdAt' | 'expiresAt'>): number | null {
  return expiresAt && expiresAt.getTime() - createdAt.getTime();
}

export function conflict(message: string): LatchkeyError {
  return new LatchkeyError('conflict', message);
}
