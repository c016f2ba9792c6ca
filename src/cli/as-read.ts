import { setTimeout as delay } from 'node:timers/promises';
import { LatchkeyError } from '../latchkey.error.js';
import { OPERATOR } from '../users/principal.js';
import type { UserRecord } from '../users/user-rows.js';
import type { Condition } from '../users/users.service.js';
import type { Core } from './core.js';

const ATTEMPTS = 20;

/**
 * For a change that is worked out from the user as it is. `change` gets that, and the condition which makes its change
 * `stale` when somebody else was faster: then it is asked again.
 * @returns what `change` returns. @throws what it throws, at last `stale`.
 */
export async function changeAsRead<T>(
  { users }: Core,
  name: string,
  change: (user: UserRecord, condition: Condition) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const user = await users.find(OPERATOR, name);
    try {
      return await change(user, { ifRevision: [user.revision] });
    } catch (error) {
      const stale = error instanceof LatchkeyError && error.code === 'stale';
      if (!stale || attempt === ATTEMPTS) throw error;
      await delay(Math.random() * 10 * Math.min(attempt, 10));
    }
  }
}
