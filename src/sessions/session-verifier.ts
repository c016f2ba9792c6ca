import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database, UPKEEP } from '../database/database.js';
import type { Principal } from '../users/principal.js';
import { Session } from './session.entity.js';
import { isLive } from './session-rows.js';
import { digestOf, isSessionSecret } from './session-secret.js';

/** One row for each role of the session's user. */
const SESSION = `
  SELECT s.id, s.last_seen_at AS lastSeenAt, s.expires_at AS expiresAt, u.name, u.full_name AS fullName, r.role
    FROM lk_sessions s
    JOIN lk_users u ON u.id = s.user_id AND u.enabled = 1
    LEFT JOIN lk_user_roles r ON r.user_id = u.id
   WHERE s.digest = ?`;

interface Row {
  id: string;
  lastSeenAt: number | string;
  expiresAt: number | string;
  name: string;
  fullName: string;
  role: string | null;
}

/** How many digests of good sessions are kept. */
const KNOWN = 10_000;
/** How much older than the last use the stored time may be. */
const SEEN_MS = 60_000;

/** Finds the user of a session. */
@Injectable()
export class SessionVerifier {
  private readonly logger = new Logger('Sessions');
  /** Digests of good sessions. They let nobody in: their callers only need not wait in the queue of unknown callers. */
  private readonly known = new LRUCache<string, true>({ max: KNOWN });

  constructor(private readonly database: Database) {}

  /**
   * The user of a session, by the secret of its cookie: one query.
   * @returns null when there is no such session, or it is over.
   * @throws LatchkeyError `unavailable` when the database does not answer.
   */
  async verify(secret: string): Promise<Principal | null> {
    if (!isSessionSecret(secret)) return null;
    const digest = digestOf(secret);
    if (this.known.get(digest)) {
      const principal = await this.ask(digest);
      if (principal) return principal;
      this.known.delete(digest); // from here on its caller is unknown
    }
    const principal = await this.database.forUnknownCaller(
      () => this.ask(digest),
      (found) => found !== null,
    );
    if (principal) this.known.set(digest, true);
    return principal;
  }

  private async ask(digest: string): Promise<Principal | null> {
    const rows = await this.database.select<Row>(SESSION, [digest]);
    const [row] = rows;
    if (!row) return null;
    const lastSeenAt = new Date(Number(row.lastSeenAt));
    if (!isLive({ lastSeenAt, expiresAt: new Date(Number(row.expiresAt)) })) return null;
    if (Date.now() - lastSeenAt.getTime() > SEEN_MS) this.writeSeen(row.id);
    const { id: sessionId, name, fullName } = row;
    const roles = rows.flatMap(({ role }) => (role === null ? [] : [role]));
    return { name, fullName, roles: roles.toSorted(), credential: { type: 'session', sessionId, scopes: null } };
  }

  /** No request waits for it. */
  private writeSeen(id: string): void {
    this.database
      .change(UPKEEP, (manager) => manager.update(Session, { id }, { lastSeenAt: new Date() }))
      .catch((error: Error) => this.logger.warn(`Could not write when a session was last seen. ${error.message}`));
  }
}
