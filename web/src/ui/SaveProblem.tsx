import { isStale, type User } from '../api.js';
import type { components } from '../api.schema.js';
import { describeProblem, isBeyondFields } from '../problem.js';
import { Notice } from './Notice.js';
import { StaleNotice } from './StaleNotice.js';
import type { UserDraft } from './use-user-draft.js';

type Change = components['schemas']['ChangeUser'];

interface Props<T extends Change> {
  edit: UserDraft<T>;
  user: User;
  /** Those that show what the server says about them. */
  fields?: readonly string[];
}

/** Why a draft was not saved, and the ways on. */
export function SaveProblem<T extends Change>({ edit, user, fields = [] }: Props<T>) {
  const { problem, pending } = edit.save;
  if (isStale(problem))
    return <StaleNotice user={user} onSaveAnyway={edit.saveAnyway} onUseNew={edit.useNew} pending={pending} />;
  if (problem === undefined || !isBeyondFields(problem, fields)) return null;
  return <Notice tone="bad">{describeProblem(problem)}</Notice>;
}
