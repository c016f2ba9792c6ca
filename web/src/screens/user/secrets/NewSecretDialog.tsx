import { useState } from 'react';
import type { ApiKey, GeneratedKey, Secret, User } from '../../../api.js';
import { useQueryClient } from '@tanstack/react-query';
import { InUse } from '../../../ui/InUse.js';
import { isCurrent, isGood } from '../../../ui/key-state.js';
import { lengthOfTime } from '../../../ui/time-words.js';
import { type Action, useAction } from '../../../ui/use-action.js';
import { useNow } from '../../../ui/use-now.js';
import { words } from '../../../words/index.js';
import type { DialogProps } from '../../../ui/use-dialog.js';
import { FormDialog } from './FormDialog.js';
import { addSecret, makeSecret, type NewSecret } from './make-secret.js';
import { allOf, draftOf } from './secret-draft.js';
import { SecretForm } from './SecretForm.js';

/** The name that Frappe's Generate Keys means. */
const DEFAULT = 'default';

interface Props {
  user: User;
  apiKey: ApiKey | null;
  /** A secret with a name of its own, or Generate Keys. */
  kind: 'add' | 'generate';
  /** Shows what it makes. */
  show: (make: () => Promise<GeneratedKey>) => Promise<void>;
}

export function NewSecretDialog({ user, apiKey, kind, show, ...dialog }: Props & DialogProps) {
  const queryClient = useQueryClient();
  const make = useAction(show);
  const close = () => {
    if (make.pending) return;
    make.forget();
    dialog.onClose();
  };
  const run = async (secret: NewSecret) => {
    const how = kind === 'add' ? addSecret : makeSecret;
    if (await make.run(() => how(queryClient, user.name, apiKey, secret))) dialog.onClose();
  };
  return (
    <FormDialog {...dialog} title={kind === 'add' ? words.secrets.add : words.user.generate} onClose={close}>
      <NewSecretForm user={user} apiKey={apiKey} kind={kind} make={make} onMake={run} onClose={close} />
    </FormDialog>
  );
}

interface FormProps extends Omit<Props, 'show'>, Pick<DialogProps, 'onClose'> {
  make: Omit<Action<never>, 'run'>;
  onMake: (secret: NewSecret) => Promise<void>;
}

function NewSecretForm({ user, apiKey, kind, make, onMake, onClose }: FormProps) {
  const now = useNow();
  const secrets = apiKey?.secrets ?? [];
  const old = kind === 'add' ? undefined : oldOf(secrets);
  const [base] = useState(() => ({ ...draftOf(old), name: kind === 'add' ? '' : DEFAULT }));
  const [draft, setDraft] = useState(base);
  const ended = old && isCurrent(old, now) ? old : undefined;
  const others = new Set(secrets.filter((one) => one.name !== DEFAULT && isGood(one, now)).map(({ name }) => name));
  const run = async () => {
    await onMake({ ...allOf(draft, base), name: draft.name });
    return true;
  };
  return (
    <SecretForm
      user={user}
      draft={draft}
      setDraft={setDraft}
      named={kind === 'add'}
      sameExpiry={
        old?.expiresAt == null ? undefined : words.secrets.sameLifetime(lifetimeOf(old.createdAt, old.expiresAt))
      }
      save={{ ...make, run }}
      onCancel={onClose}
      confirm={kind === 'add' ? words.secrets.add : words.user.generate}
      danger={ended !== undefined}
    >
      {kind === 'add' ? (
        <p>{words.secrets.addAbout}</p>
      ) : (
        <>
          <p>{ended ? words.secrets.generateEnds(<code>{ended.hint}</code>) : words.secrets.generateAbout}</p>
          {ended && <InUse secret={ended} />}
          {others.size > 0 && <p>{words.secrets.othersGoOn([...others].toSorted())}</p>}
        </>
      )}
    </SecretForm>
  );
}

/** The `default` of which the new one takes over what is not said: live, or expired without a replacement. */
function oldOf(secrets: readonly Secret[]): Secret | undefined {
  const isReplaced = ({ id }: Secret) => secrets.some(({ replaces }) => replaces === id);
  return secrets.find(
    (one) => one.name === DEFAULT && (one.state === 'live' || (one.state === 'expired' && !isReplaced(one))),
  );
}

function lifetimeOf(from: string, to: string): string {
  return lengthOfTime(Date.parse(to) - Date.parse(from));
}
