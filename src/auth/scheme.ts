import passport, { type PassportStatic, type Strategy } from 'passport';
import type { Principal } from '../users/principal.js';

/** A way to prove oneself by the Authorization header: a Passport strategy that can also answer from memory. */
export interface Scheme extends Strategy {
  /** What `AuthGuard(…)` calls it. */
  readonly registeredName: string;
  /**
   * The caller, if memory knows; null when it knows that the secret is wrong. No query and no promise. Undefined: ask the
   * strategy.
   */
  findCached(header: string): Principal | null | undefined;
}

/** For the constructor of a strategy, which would put itself into Passport's registry before its app is there. */
export const NO_REGISTRY = { use() {} } as unknown as PassportStatic;

/** The schemes of all apps that are alive, by name. Only for whom asks by name: our guards ask their own app. */
const alive = new Map<string, Set<Scheme>>();

/** Makes it known by its name, as long as it is the only one. */
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

/** Passport has one registry for the process, and would give every app the strategy of the last one. */
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
