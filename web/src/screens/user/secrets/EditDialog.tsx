import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { isStale, type Secret, type User } from '../../../api.js';
import { isGood } from '../../../ui/key-state.js';
import { localTime } from '../../../ui/time-words.js';
import { useAction } from '../../../ui/use-action.js';
import { words } from '../../../words/index.js';
import type { DialogProps } from '../../../ui/use-dialog.js';
import { FormDialog } from './FormDialog.js';
import { changesIn, draftOf } from './secret-draft.js';
import { SecretForm } from './SecretForm.js';
import { patchSecret, type ReadSecret, readSecret } from './read-secret.js';

interface Props {
  user: User;
  read: ReadSecret;
}

/** What a live secret may is changed, and the secret stays the same. */
export function EditDialog({ user, read, ...dialog }: Props & DialogProps) {
  return (
    <FormDialog {...dialog} title={words.secrets.editTitle(read.secret.name)}>
      <Edit user={user} read={read} onClose={dialog.onClose} />
    </FormDialog>
  );
}

function Edit({ user, read: begun, onClose }: Props & Pick<DialogProps, 'onClose'>) {
  const queryClient = useQueryClient();
  /** What the draft was begun on, and what there is by now; undefined where it is gone. */
  const [base, setBase] = useState(begun);
  const [newest, setNewest] = useState<ReadSecret | undefined>(begun);
  const [draft, setDraft] = useState(() => draftOf(begun.secret));
  const save = useAction(async (etag: string) => {
    const changes = changesIn(draft, draftOf(base.secret));
    try {
      if (Object.keys(changes).length > 0) await patchSecret(queryClient, { ...base, etag }, changes);
    } catch (error) {
      if (isStale(error)) setNewest(await readSecret(queryClient, user.name, base));
      throw error;
    }
    onClose();
  });
  const startAnew = () => {
    save.forget();
    if (newest === undefined || !isGood(newest.secret, Date.now())) return onClose();
    setBase(newest);
    setDraft(draftOf(newest.secret));
  };
  return (
    <SecretForm
      user={user}
      draft={draft}
      setDraft={setDraft}
      named
      sameExpiry={sameExpiry(base.secret)}
      save={{ ...save, run: () => save.run(base.etag) }}
      onSaveAnyway={() => void save.run(newest?.etag ?? base.etag)}
      onUseNew={startAnew}
      onCancel={onClose}
      confirm={words.ui.save}
    />
  );
}

function sameExpiry({ expiresAt }: Secret): string | undefined {
  return expiresAt === null ? undefined : words.secrets.sameExpiry(localTime(Date.parse(expiresAt)));
}
