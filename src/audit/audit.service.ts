import { Injectable } from '../nest-core.js';
import { Database, UPKEEP } from '../database/database.js';
import type { ListPage, Position } from '../users/list-page.js';
import { type Actor, actorName, OPERATOR } from '../users/principal.js';
import { hiddenFrom, requireManager, typedName } from '../users/user-name.js';
import { deleteOldest, loadRows, readHead, verifyChain, type Verification } from './audit-rows.js';
import { type AuditFilters, findRows } from './audit-search.js';
import type { AuditRecord, ChainHead } from './chain.js';
import { record } from './trail.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Rows of a stream that are read at once. */
const STREAMED_AT_ONCE = 1000;
const PURGED_AT_ONCE = 1000;

/** Reads the audit trail. All methods throw LatchkeyError: `forbidden`, `unavailable`. */
@Injectable()
export class AuditService {
  constructor(private readonly database: Database) {}

  /** The rows after `after`, newest first. For System Managers. Rows about a user whom the actor may not see are left out. */
  async list(actor: Actor, query: AuditFilters & { limit: number; after?: Position }): Promise<ListPage<AuditRecord>> {
    requireManager(actor);
    return this.page(query, { hidden: hiddenFrom(actor) });
  }

  /** What was done by the actor and to the actor, newest first. */
  async listOwn(actor: Actor, query: { limit: number; after?: Position }): Promise<ListPage<AuditRecord>> {
    return this.page({ ...query, user: actorName(actor) }, {});
  }

  /** All rows that fit, oldest first, in constant memory. For System Managers. */
  async *stream(actor: Actor, filters: AuditFilters): AsyncGenerator<AuditRecord[]> {
    requireManager(actor);
    let after: Position | undefined;
    do {
      const query = { ...filters, limit: STREAMED_AT_ONCE, after };
      const page = await this.page(query, { hidden: hiddenFrom(actor), oldestFirst: true });
      if (page.items.length > 0) yield page.items;
      after = page.next;
    } while (after);
  }

  /** The end of the chain, to be kept where nobody can change it. */
  async head(): Promise<ChainHead> {
    return this.database.read(readHead);
  }

  /** Whether the trail is whole; with `since`, also whether it goes on from that head. */
  async verify(since?: ChainHead): Promise<Verification> {
    return this.database.read((manager) => verifyChain(manager, since));
  }

  /** Deletes rows that are older. The trail keeps a row that says where it was cut. @returns how many were deleted. */
  async purge(days: number): Promise<number> {
    const before = new Date(Date.now() - days * DAY_MS);
    for (let purged = 0; ;) {
      const rows = await this.database.change(UPKEEP, async (manager) => {
        const details = await deleteOldest(manager, before, PURGED_AT_ONCE);
        if (details) record(manager, OPERATOR, 'audit.purged', { details: { ...details } });
        return details?.rows ?? 0;
      });
      purged += rows;
      if (rows < PURGED_AT_ONCE) return purged;
    }
  }

  private async page(
    query: AuditFilters & { limit: number; after?: Position },
    how: { hidden?: string; oldestFirst?: boolean },
  ): Promise<ListPage<AuditRecord>> {
    const { items, next } = await findRows(this.database, { ...query, ...typed(query) }, how);
    return { items: await this.database.read((manager) => loadRows(manager, items.map(Number))), next };
  }
}

/** Names of users as they are stored. A role or a scope, which has no @, is named exactly. */
function typed({ user, actor, subject }: AuditFilters): Pick<AuditFilters, 'user' | 'actor' | 'subject'> {
  return {
    user: user === undefined ? undefined : typedName(user),
    actor: actor === undefined ? undefined : typedName(actor),
    subject: subject?.includes('@') ? typedName(subject) : subject,
  };
}
