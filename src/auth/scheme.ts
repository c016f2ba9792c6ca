import passport, { type PassportStatic, type Strategy } from 'passport';
import type { Principal } from '../users/principal.js';
import type { HttpRequest } from './http.js';

/** A scheme of the Authorization header: a Passport strategy that can also answer from memory. */
export interface Scheme extends Strategy {
  /** The name for `AuthGuard(…)`. */
  readonly registeredName: string;
  /**
   * The caller, from memory: no query and no promise.
   * @returns null when memory knows that the secret is wrong; undefined when memory can't decide, and the strategy has to.
   */
  findCached(header: string, request: HttpRequest): Principal | null | undefined;
}

/** For the constructor of a strategy, which would register itself with Passport before its app is ready. */
export const NO_REGISTRY = { use() {} } as unknown as PassportStatic;

/** The schemes of all running apps, by name. Only for callers that ask by name: our guards ask their own app. */
const alive = new Map<string, Set<Scheme>>();

/** Registers a scheme with Passport by its name, as long as it is the only one of that name. */
export function register(scheme: Scheme): void {
  const { registeredName: name } = scheme;
  alive.set(name, (alive.get(name) ?? new Set()).add(scheme));
  settle(name);
}

export function unregister(scheme: Scheme): void {
  const { registeredName: name } = scheme;
  alive.get(name)?.delete(scheme);
  settle(name);
}

/** Passport has one registry for the process, and would give every app the strategy of the last app. */
function settle(name: string): void {
  const [one, another] = alive.get(name) ?? [];
  if (!one) passport.unuse(name);
  else passport.use(name, another ? ambiguous(name) : one);
}

function ambiguous(name: string): Strategy {
  const error = new Error(
    `Two apps of this process import AuthModule, and Passport knows "${name}" once for all: use ApiKeyAuthGuard, which ` +
      'asks its own app.',
  );
  return {
    authenticate(this: { error(reason: Error): void }) {
      this.error(error);
    },
  };
}
