import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { Actor } from '../users/principal.js';
import type { ListPage } from '../users/list-page.js';
import type { UserCondition, UserFilters } from '../users/user-conditions.js';
import type { UserRecord } from '../users/user-rows.js';
import type { UserCount, UserQuery } from '../users/user-search.js';
import { UsersService } from '../users/users.service.js';
import { type KeyFilter, keyCondition } from './key-filter.js';
import { orderFor, type OwnerSort } from './key-order.js';
import { type KeySummary, loadSummaries } from './key-summary.js';

/** A user with the summary of its key; null when there is none. */
export type KeyOwner = UserRecord & { readonly key: KeySummary | null };

/** A search also finds the owner of the key that it is, exactly. */
type OwnerFilters = Pick<UserFilters, 'search' | 'role' | 'enabled'> & { readonly key?: KeyFilter };
type OwnerQuery = OwnerFilters & Pick<UserQuery, 'limit' | 'after'> & { readonly sort?: OwnerSort };

/**
 * Users with their keys, also filtered by them. UsersService knows no keys: it gets filters and orders by keys as SQL,
 * and the summaries of the keys are read here. All methods throw what those of UsersService throw.
 */
@Injectable()
export class KeyOwnersService {
  constructor(
    private readonly database: Database,
    private readonly users: UsersService,
  ) {}

  async list(actor: Actor, { sort, limit, after, ...asked }: OwnerQuery): Promise<ListPage<KeyOwner>> {
    const now = Date.now();
    const filters = await this.filtersOf(asked, now);
    const { items, next } = await this.users.list(actor, { ...filters, ...orderFor(sort, now), limit, after });
    return { items: await this.withKeys(items), next };
  }

  async count(actor: Actor, filters: OwnerFilters): Promise<UserCount> {
    return this.users.count(actor, await this.filtersOf(filters, Date.now()));
  }

  async withKey(user: UserRecord): Promise<KeyOwner> {
    return (await this.withKeys([user]))[0]!;
  }

  /** One query for all of them. */
  private async withKeys(users: readonly UserRecord[]): Promise<KeyOwner[]> {
    const ids = users.map(({ id }) => id);
    const keys = await this.database.read((manager) => loadSummaries(manager, ids));
    return users.map((user) => ({ ...user, key: keys.get(user.id) ?? null }));
  }

  private async filtersOf({ search, key, role, enabled }: OwnerFilters, now: number): Promise<UserFilters> {
    const owner = search ? await this.ownerOf(search.trim()) : undefined;
    const conditions = key === undefined ? [] : [keyCondition(key, now)];
    if (owner === undefined) return { search, role, enabled, conditions };
    return { role, enabled, conditions: [isUser(owner), ...conditions] };
  }

  /** The id of the user who has that key; undefined when it is nobody's. */
  private async ownerOf(text: string): Promise<string | undefined> {
    const sql = 'SELECT api_key AS apiKey, user_id AS userId FROM lk_api_keys WHERE api_key = ?';
    const [row] = await this.database.select<{ apiKey: string; userId: string | null }>(sql, [text]);
    return row?.apiKey === text ? (row.userId ?? undefined) : undefined; // the engine may compare less strictly than we do
  }
}

function isUser(id: string): UserCondition {
  return {
    matches: 'u.id = ?',
    ids: () => 'SELECT id FROM lk_users WHERE id = ?',
    parameters: { matches: [id], ids: [id] },
  };
}
