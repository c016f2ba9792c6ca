import { channel } from 'node:diagnostics_channel';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database } from '../database/database.js';
import type { Principal } from '../users/principal.js';
import { DUMMY, matcherOf, type StoredDigest } from './api-secret.js';
import { LastUse } from './last-use.js';

/** The two halves of a token, as they came in. */
export interface KeyPair {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** One row for each unrevoked secret of the key and each role of its owner. */
const LIVE_SECRETS = `
  SELECT k.api_key AS apiKey, u.name, u.full_name AS fullName, r.role,
         s.id AS secretId, s.algorithm, s.digest, s.expires_at AS expiresAt
    FROM lk_api_keys k
    JOIN lk_users u ON u.id = k.user_id AND u.enabled = 1
    JOIN lk_api_secrets s ON s.api_key = k.api_key AND s.revoked_at IS NULL
    LEFT JOIN lk_user_roles r ON r.user_id = u.id
   WHERE k.api_key = ?`;

interface Row {
  apiKey: string;
  name: string;
  fullName: string;
  role: string | null;
  secretId: string;
  algorithm: string;
  digest: string;
  expiresAt: number | string | null;
}

/** The diagnostics channel (node:diagnostics_channel) that is told of each verification. */
export const VERIFICATIONS = 'latchkey:verification';

/** What it is told. */
export interface Verification {
  /** `failed`: the database could not say. `shed`: too many unknown callers; it was not asked. */
  readonly outcome: 'accepted' | 'refused' | 'failed' | 'shed';
  readonly seconds: number;
}

const verifications = channel(VERIFICATIONS);

/** Pairs that are remembered to have been good. */
const KNOWN = 100_000;

/** Who is this? */
@Injectable()
export class ApiKeyVerifier {
  /** What was stored of the secret that was last good for a key. It never lets anybody in: it only spares them the line. */
  private readonly known = new LRUCache<string, StoredDigest>({ max: KNOWN });

  constructor(
    private readonly database: Database,
    private readonly lastUse: LastUse,
  ) {}

  /**
   * The owner of the key, if the secret is live: one query.
   * @returns null when the pair proves nobody, whatever the reason.
   * @throws LatchkeyError `unavailable` when the database can't say, or too many unknown callers are waiting.
   */
  async verify({ apiKey, apiSecret }: KeyPair): Promise<Principal | null> {
    const began = performance.now();
    const matches = matcherOf(apiSecret);
    let outcome: Verification['outcome'] = 'failed';
    try {
      const known = this.known.get(apiKey);
      if (matches(known ?? DUMMY)) {
        const principal = await this.ask(apiKey, matches);
        if (principal) {
          outcome = 'accepted';
          return principal;
        }
        // Good no more. From here on it is a stranger's, and answered as one: a 401 where others get a 503 would tell
        // that it once was good.
        if (this.known.get(apiKey) === known) this.known.delete(apiKey);
      }
      outcome = 'shed';
      const release = await this.database.strangers.take();
      outcome = 'failed';
      try {
        const principal = await this.ask(apiKey, matches);
        outcome = principal ? 'accepted' : 'refused';
        return principal;
      } finally {
        // In the next turn of the event loop, so that others get theirs also where the database answers at once.
        setImmediate(release);
      }
    } finally {
      if (verifications.hasSubscribers) {
        verifications.publish({ outcome, seconds: (performance.now() - began) / 1000 } satisfies Verification);
      }
    }
  }

  private async ask(apiKey: string, matches: (stored: StoredDigest) => boolean): Promise<Principal | null> {
    const rows = await this.database.select<Row>(LIVE_SECRETS, [apiKey]);
    const now = Date.now();
    const live = new Map<string, Row>();
    for (const row of rows) {
      // The database may compare with less care: MySQL ignores blanks at the end.
      if (row.apiKey === apiKey && (row.expiresAt === null || Number(row.expiresAt) > now)) live.set(row.secretId, row);
    }
    if (live.size === 0) matches(DUMMY); // as much work as for a key that is in use
    const row = [...live.values()].find(matches);
    if (!row) return null;
    const { name, fullName, secretId, algorithm, digest } = row;
    this.known.set(apiKey, { algorithm, digest });
    this.lastUse.record(secretId, apiKey);
    const roles = rows.flatMap(({ role, secretId: of }) => (role !== null && of === secretId ? [role] : []));
    return { name, fullName, roles: roles.toSorted(), credential: { type: 'api-key', apiKey, secretId } };
  }
}
