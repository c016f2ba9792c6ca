import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { Actor } from '../users/principal.js';
import type { ListPage } from '../users/list-page.js';
import type { UserFilters } from '../users/user-conditions.js';
import type { UserRecord } from '../users/user-rows.js';
import type { UserCount, UserQuery } from '../users/user-search.js';
import { UsersService } from '../users/users.service.js';
import { type KeyFilter, keyCondition } from './key-filter.js';
import { type KeySummary, loadSummaries } from './key-summary.js';

/** A user with the summary of its key; null when there is none. */
export type KeyOwner = UserRecord & { readonly key: KeySummary | null };

/**
 * Users with their keys, also filtered by them. UsersService knows no keys: it gets the filter as an SQL condition, and
 * the summaries of the keys are read here. All methods throw what those of UsersService throw.
 */
@Injectable()
export class KeyOwnersService {
  constructor(
    private readonly database: Database,
    private readonly users: UsersService,
  ) {}

  async list(actor: Actor, { key, ...query }: UserQuery & { key?: KeyFilter }): Promise<ListPage<KeyOwner>> {
    const { items, next } = await this.users.list(actor, { ...query, conditions: conditionsOf(key) });
    return { items: await this.withKeys(items), next };
  }

  count(actor: Actor, { key, ...filters }: UserFilters & { key?: KeyFilter }): Promise<UserCount> {
    return this.users.count(actor, { ...filters, conditions: conditionsOf(key) });
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
}

function conditionsOf(key: KeyFilter | undefined) {
  return key === undefined ? [] : [keyCondition(key, Date.now())];
}
