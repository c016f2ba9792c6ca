import type { EntityManager } from 'typeorm';
import { isDead, revokeSecrets, stateOf, usedFrom, type UsedFrom } from './api-key-rows.js';
import { ApiSecret } from './api-secret.entity.js';
import { conflict, lifetimeOf, MAX_NAMES } from './secret-options.js';

/** A secret that ends because another one takes its place. */
export interface EndedSecret {
  readonly secret: ApiSecret;
  /** When the overlap is over; null when it is revoked. */
  readonly retiresAt: Date | null;
}

/** A secret whose place another one took. */
export interface ReplacedSecret {
  readonly id: string;
  readonly hint: string;
  /** When it ends, or ended. */
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly lastUsedFrom: UsedFrom | null;
}

/** The secrets of one key, seen by who makes one of that name. */
export class Rotation {
  /** Those that are not revoked. */
  private readonly ofName: ApiSecret[];
  /** The one whose place the new one takes, live or expired. */
  private readonly current: ApiSecret | undefined;
  /** The last one of that name, whatever has become of it. */
  private readonly last: ApiSecret | undefined;
  /** Other names with a live secret. */
  readonly otherNames: string[];

  constructor(secrets: readonly ApiSecret[], name: string) {
    const all = secrets.filter((secret) => secret.name === name);
    this.ofName = all.filter(({ revokedAt }) => revokedAt === null);
    this.current = newest(this.ofName.filter(({ retiresAt }) => retiresAt === null));
    this.last = this.current ?? newest(all);
    this.otherNames = namesOf(secrets.filter((secret) => secret.name !== name));
  }

  /**
   * What the new one inherits, where nothing is said. Also from one that is revoked: who replaces a secret that has leaked
   * must not get one that is good for everything.
   */
  get inherited(): Pick<ApiSecret, 'scopes' | 'allowedNetworks' | 'limits'> & { lifetimeMs: number | null } {
    const { last } = this;
    if (!last) return { scopes: null, allowedNetworks: null, limits: null, lifetimeMs: null };
    const { scopes, allowedNetworks, limits } = last;
    return { scopes, allowedNetworks, limits, lifetimeMs: lifetimeOf(last) };
  }

  /**
   * Ends the secrets of that name: at once, or the current one when the overlap is over.
   * @returns the one whose place is taken, and all that end.
   * @throws LatchkeyError `conflict` when the key has too many names, or a rotation with an overlap is under way.
   */
  async endOld(
    manager: EntityManager,
    now: Date,
    overlapSeconds: number,
  ): Promise<{ replaced: ReplacedSecret | null; ended: EndedSecret[] }> {
    if (this.otherNames.length >= MAX_NAMES) throw tooManyNames();
    const { current } = this;
    const retiring = this.ofName.find((secret) => stateOf(secret) === 'retiring');
    if (overlapSeconds > 0 && retiring) throw isUnderWay(retiring);
    const overlaps = overlapSeconds > 0 && current !== undefined && !isDead(stateOf(current));
    const ended = this.ofName.filter((secret) => !overlaps || secret !== current);
    await revokeSecrets(manager, ended, null);
    const revoked = ended.filter((secret) => !isDead(stateOf(secret)));
    const all: EndedSecret[] = revoked.map((secret) => ({ secret, retiresAt: null }));
    if (!current) return { replaced: null, ended: all };
    const wanted = now.getTime() + 1000 * overlapSeconds;
    const end = new Date(Math.min(current.expiresAt?.getTime() ?? Infinity, overlaps ? wanted : now.getTime()));
    if (overlaps) {
      await manager.update(ApiSecret, { id: current.id }, { expiresAt: end, retiresAt: end });
      all.push({ secret: current, retiresAt: end });
    }
    const { id, hint, lastUsedAt } = current;
    const replaced = { id, hint, expiresAt: end, lastUsedAt, lastUsedFrom: usedFrom(current) };
    return { replaced, ended: all };
  }
}

/** The names of those that are not dead, sorted, each once. */
function namesOf(secrets: readonly ApiSecret[]): string[] {
  const alive = secrets.filter((secret) => !isDead(stateOf(secret)));
  return [...new Set(alive.map(({ name }) => name))].toSorted();
}

function tooManyNames(): Error {
  return conflict(`An API key has live secrets of at most ${MAX_NAMES} names. Revoke one first.`);
}

function newest(secrets: readonly ApiSecret[]): ApiSecret | undefined {
  return secrets.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0];
}

function isUnderWay({ id, expiresAt, lastUsedAt }: ApiSecret): Error {
  const used = lastUsedAt ? `last used ${lastUsedAt.toISOString()}` : 'never used';
  return conflict(
    `A rotation of that name is under way: the secret ${id} is good until ${expiresAt!.toISOString()}, ${used}. Revoke it first, or rotate without an overlap, which ends it at once.`,
  );
}
