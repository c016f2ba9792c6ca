import { LRUCache } from 'lru-cache';
import type { Principal } from '../users/principal.js';
import type { StoredDigest } from './api-secret.js';

/** A secret that was live when it was read, and whom it proves. */
export interface LiveSecret extends StoredDigest {
  /** Milliseconds since 1970. */
  readonly expiresAt: number | null;
  readonly secretId: string;
  readonly principal: Principal;
}

/** What is remembered of a key: never a secret. */
interface Entry {
  readonly userId: string;
  readonly secrets: readonly LiveSecret[];
  /** False once it may have changed: from then on it lets nobody in, it only spares its owner the line of strangers. */
  isTrue: boolean;
  /**
   * The digest of the secret that was refused last, since clients go on with an old one for long. It stays refused for as
   * long as this is true: a secret that is generated later is another one.
   */
  refused?: StoredDigest;
}

/** The keys that were verified lately, as far as they had a live secret. */
export class VerifiedKeys {
  private readonly keys: LRUCache<string, Entry>;
  /** A user has one key for life. */
  private readonly ofUser = new Map<string, Entry>();

  constructor(max: number) {
    this.keys = new LRUCache<string, Entry>({
      max,
      dispose: (entry) => {
        if (this.ofUser.get(entry.userId) === entry) this.ofUser.delete(entry.userId);
      },
    });
  }

  get size(): number {
    return this.keys.size;
  }

  get(apiKey: string): Entry | undefined {
    return this.keys.get(apiKey);
  }

  set(apiKey: string, userId: string, secrets: readonly LiveSecret[]): void {
    const entry: Entry = { userId, secrets, isTrue: true };
    this.keys.set(apiKey, entry);
    this.ofUser.set(userId, entry);
  }

  delete(apiKey: string): void {
    this.keys.delete(apiKey);
  }

  drop(userId: string): void {
    const entry = this.ofUser.get(userId);
    if (entry) entry.isTrue = false;
  }

  clear(): void {
    for (const entry of this.ofUser.values()) entry.isTrue = false;
  }
}
