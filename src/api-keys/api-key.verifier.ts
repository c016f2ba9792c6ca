import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { Principal } from '../users/principal.js';
import { DUMMY, matches } from './api-secret.js';

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

/** Who is this? */
@Injectable()
export class ApiKeyVerifier {
  constructor(private readonly database: Database) {}

  /**
   * The owner of the key, if the secret is live: one query.
   * @returns null when the pair proves nobody, whatever the reason.
   * @throws LatchkeyError `unavailable` when the database can't say.
   */
  async verify({ apiKey, apiSecret }: KeyPair): Promise<Principal | null> {
    const rows = await this.database.select<Row>(LIVE_SECRETS, [apiKey]);
    const now = Date.now();
    const live = new Map<string, Row>();
    for (const row of rows) {
      // The database may compare with less care: MySQL ignores blanks at the end.
      if (row.apiKey === apiKey && (row.expiresAt === null || Number(row.expiresAt) > now)) live.set(row.secretId, row);
    }
    if (live.size === 0) matches(apiSecret, DUMMY); // as much work as for a key that is in use
    const row = [...live.values()].find((secret) => matches(apiSecret, secret));
    if (!row) return null;
    const { name, fullName, secretId } = row;
    const roles = rows.flatMap(({ role, secretId: of }) => (role !== null && of === secretId ? [role] : []));
    return { name, fullName, roles: roles.toSorted(), credential: { type: 'api-key', apiKey, secretId } };
  }
}
