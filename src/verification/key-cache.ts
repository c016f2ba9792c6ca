import { LRUCache } from 'lru-cache';
import { hasDigest, type StoredDigest } from '../api-keys/api-secret.js';
import { NOBODY } from '../database/invalidations.js';
import type { KeyRecord } from './key-record.js';
import type { LiveSecrets } from './live-secrets.js';

/** How many keys without a live secret are cached at most; and how many keys that no user has. */
const MAX_DEAD = 10_000;
/** How many refused secrets are kept for each key: clients go on with an old one for a long time. */
const MAX_REFUSED = 8;
/** No key is longer. A longer one is not cached, or unknown callers could fill the memory with a few requests. */
const MAX_LENGTH = 140;

/** What is cached of a key: never a secret. */
class Entry {
  /**
   * False once the key may have changed: a stale entry lets nobody in. A caller whose token is in it only skips the queue of
   * unknown callers, and the limit on bad credentials.
   */
  isCurrent = true;
  private refused: StoredDigest[] = [];

  constructor(
    readonly userId: string | null,
    readonly secrets: LiveSecrets,
  ) {}

  /**
   * Notes that the secret with that digest was refused. It stays refused while this entry is current: a secret that is
   * generated later is another one.
   */
  refuse(digest: string): void {
    if (this.hasRefused(digest)) return;
    this.refused = [{ algorithm: 'sha256', digest }, ...this.refused].slice(0, MAX_REFUSED);
  }

  hasRefused(digest: string): boolean {
    return this.refused.some((one) => hasDigest(one, digest));
  }
}

/**
 * The keys that were asked for lately, whether there is something to let in or not. Keys without a live secret are kept
 * apart, so that they take no room from the others. Keys that no user has are apart again, since any change may have given
 * one of them to a user.
 */
export class KeyCache {
  private readonly live: LRUCache<string, Entry>;
  private readonly dead: LRUCache<string, Entry>;
  private readonly unowned: LRUCache<string, Entry>;
  /** By user, each of whom has one key for life. */
  private readonly ofUser = new Map<string, Entry>();

  constructor(private readonly max: number) {
    const dispose = (entry: Entry) => {
      if (entry.userId !== null && this.ofUser.get(entry.userId) === entry) this.ofUser.delete(entry.userId);
    };
    this.live = new LRUCache<string, Entry>({ max, dispose });
    this.dead = new LRUCache<string, Entry>({ max: Math.min(max, MAX_DEAD), dispose });
    this.unowned = new LRUCache<string, Entry>({ max: Math.min(max, MAX_DEAD) });
  }

  /** Keys with a live secret. */
  get size(): number {
    return this.live.size;
  }

  /** How many more live keys fit in before one is evicted. */
  get room(): number {
    return this.max - this.live.size;
  }

  get(apiKey: string): Entry | undefined {
    return this.live.get(apiKey) ?? this.dead.get(apiKey) ?? this.unowned.get(apiKey);
  }

  set(apiKey: string, { userId, secrets }: KeyRecord): void {
    this.add(apiKey, new Entry(userId, secrets));
  }

  /** For what may not decide: it only says who is known. */
  setStale(apiKey: string, { userId, secrets }: KeyRecord): void {
    const entry = new Entry(userId, secrets);
    entry.isCurrent = false;
    this.add(apiKey, entry);
  }

  invalidate(userId: string): void {
    if (userId === NOBODY) return; // the change neither takes nor gives a key
    this.unowned.clear();
    const entry = this.ofUser.get(userId);
    if (entry) entry.isCurrent = false;
  }

  invalidateAll(): void {
    this.unowned.clear();
    for (const entry of this.ofUser.values()) entry.isCurrent = false;
  }

  /** Makes the key that was added first the last to be evicted. */
  reverse(): void {
    const lastAddedFirst = Array.from(this.live.keys());
    for (const apiKey of lastAddedFirst) this.live.get(apiKey);
  }

  private add(apiKey: string, entry: Entry): void {
    for (const keys of [this.live, this.dead, this.unowned]) keys.delete(apiKey);
    if (apiKey.length > MAX_LENGTH) return;
    if (entry.userId === null) this.unowned.set(apiKey, entry);
    else {
      (entry.secrets.size > 0 ? this.live : this.dead).set(apiKey, entry);
      this.ofUser.set(entry.userId, entry);
    }
  }
}
