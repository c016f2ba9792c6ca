import { Button, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { isStale, type User } from '../../../api.js';
import { describeProblem, fieldError, isBeyondFields, Problem } from '../../../problem.js';
import { Notice } from '../../../ui/Notice.js';
import { StaleNotice } from '../../../ui/StaleNotice.js';
import type { Action } from '../../../ui/use-action.js';
import { useFormFocus } from '../../../ui/use-form-focus.js';
import { words } from '../../../words/index.js';
import { ExpiryField } from './ExpiryField.js';
import { LimitsField } from './LimitsField.js';
import { networkProblem } from './networks.js';
import { NetworksField } from './NetworksField.js';
import { ScopesField } from './ScopesField.js';
import type { SecretDraft } from './secret-draft.js';
import styles from './SecretForm.module.css';

const FIELDS = ['name', 'expiresAt', 'scopes', 'allowedNetworks', 'limits'];
const NAME_LENGTH = 60;

interface Props {
  user: User;
  draft: SecretDraft;
  setDraft: (draft: SecretDraft) => void;
  /** Whether the name can be chosen. */
  named: boolean;
  /** The words for leaving the expiry as it is. */
  sameExpiry: string | undefined;
  save: Omit<Action<[]>, 'forget'>;
  /** What can be done when somebody else was faster. */
  onSaveAnyway?: () => void;
  onUseNew?: () => void;
  onCancel: () => void;
  confirm: string;
  /** It ends a secret at once. */
  danger?: boolean;
  /** What will happen. */
  children?: ReactNode;
}

/** What a secret is for and what it may: of a new one, and of one that is there. */
export function SecretForm({ user, draft, setDraft, named, sameExpiry, save, ...props }: Props) {
  const { problem, pending } = save;
  const { onSaveAnyway, onUseNew, onCancel, confirm, danger = false, children } = props;
  const [refused, setRefused] = useState(false);
  const form = useFormFocus(pending || isStale(problem), refused);
  const taken = problem instanceof Problem && problem.code === 'conflict' && named ? problem.detail : undefined;
  const set = (changes: Partial<SecretDraft>) => {
    setRefused(false);
    setDraft({ ...draft, ...changes });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const bad = networkProblem(draft.networks) !== undefined;
    setRefused(bad);
    if (!bad) void save.run();
  };
  return (
    <form ref={form} className={styles.form} onSubmit={submit}>
      {children}
      {named && (
        <TextInput
          label={words.secrets.name}
          description={words.secrets.nameAbout}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={draft.name}
          onChange={({ currentTarget }) => set({ name: currentTarget.value })}
          maxLength={NAME_LENGTH}
          autoComplete="off"
          spellCheck={false}
          required
          withAsterisk={false}
          data-autofocus
          error={fieldError(problem, 'name') ?? taken}
        />
      )}
      <ExpiryField draft={draft} onChange={set} same={sameExpiry} error={fieldError(problem, 'expiresAt')} />
      <ScopesField value={draft.scopes} onChange={(scopes) => set({ scopes })} error={fieldError(problem, 'scopes')} />
      <NetworksField
        value={draft.networks}
        onChange={(networks) => set({ networks })}
        error={fieldError(problem, 'allowedNetworks')}
      />
      <LimitsField value={draft.limits} onChange={(limits) => set({ limits })} error={fieldError(problem, 'limits')} />
      {isStale(problem) && onSaveAnyway && onUseNew ? (
        <StaleNotice user={user} onSaveAnyway={onSaveAnyway} onUseNew={onUseNew} pending={pending} />
      ) : (
        problem !== undefined &&
        taken === undefined &&
        isBeyondFields(problem, FIELDS) && <Notice tone="bad">{describeProblem(problem)}</Notice>
      )}
      <div className={styles.buttons}>
        <Button variant="default" onClick={onCancel} data-autofocus={(!named && danger) || undefined}>
          {words.ui.cancel}
        </Button>
        <Button
          type="submit"
          loading={pending}
          data-autofocus={(!named && !danger) || undefined}
          {...(danger && { color: 'red' })}
        >
          {confirm}
        </Button>
      </div>
    </form>
  );
}
