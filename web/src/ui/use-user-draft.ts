import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { api, isStale, type User } from '../api.js';
import type { components } from '../api.schema.js';
import { type ReadUser, readUser, userQuery } from '../queries.js';
import { meQuery, useMe } from '../session.js';
import { words } from '../words/index.js';
import { toast } from './announce.js';
import { type Action, useAction } from './use-action.js';

type Change = components['schemas']['ChangeUser'];

export interface UserDraft<T extends Change> {
  draft: T;
  setDraft: (draft: T) => void;
  /** Refused as stale when the user has changed since the draft was begun. Nothing is wiped then. */
  save: Action<[]>;
  /** Saves it over what there is by now. */
  saveAnyway: () => void;
  /** Gives the draft up. */
  useNew: () => void;
}

/**
 * What somebody makes of a user's fields. It follows what is read from the server until something is typed; then it stays
 * as it is, and is saved on the newest state that was read in which these fields are as they were when it was begun.
 * @param fieldsOf what of the user is edited; the same values in the same order each time.
 */
export function useUserDraft<T extends Change>(read: ReadUser, fieldsOf: (user: User) => T): UserDraft<T> {
  const queryClient = useQueryClient();
  const router = useRouter();
  const me = useMe();
  const [base, setBase] = useState(read);
  const [draft, setDraft] = useState(() => fieldsOf(read.user));
  const begin = (from: ReadUser) => {
    setBase(from);
    setDraft(fieldsOf(from.user));
  };
  if (read.etag !== base.etag) {
    if (isSame(draft, fieldsOf(base.user))) begin(read);
    else if (isSame(fieldsOf(read.user), fieldsOf(base.user))) setBase(read); // something else has changed
  }

  const { name } = read.user;
  const { run, ...action } = useAction(async (etag: string) => {
    const { queryKey } = userQuery(name);
    const params = { path: { name }, header: { 'If-Match': etag } };
    try {
      const saved = readUser(await api.PATCH('/v1/users/{name}', { params, body: draft }));
      await queryClient.cancelQueries({ queryKey, exact: true }); // or what was asked before would come after it
      queryClient.setQueryData(queryKey, saved);
      setBase(saved);
      setDraft((now) => (now === draft ? fieldsOf(saved.user) : now));
    } catch (error) {
      if (isStale(error)) await queryClient.invalidateQueries({ queryKey, exact: true });
      throw error;
    }
    toast(words.ui.saved);
    void queryClient.invalidateQueries({
      predicate: ({ queryKey: [first] }) => first === 'users' || first === 'overview',
    });
    if (name !== me.name) return;
    // Nothing observes that query, so that it would not be asked again for being invalid.
    await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
    await router.invalidate();
  });
  return {
    draft,
    setDraft,
    save: { ...action, run: () => run(base.etag) },
    saveAnyway: () => void run(read.etag),
    useNew: () => {
      begin(read);
      action.forget();
    },
  };
}

function isSame(one: Change, other: Change): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
