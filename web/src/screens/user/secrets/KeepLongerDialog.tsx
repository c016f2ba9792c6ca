import { Button, NativeSelect } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { isStale, type User } from '../../../api.js';
import { describeProblem } from '../../../problem.js';
import { isGood } from '../../../ui/key-state.js';
import { LastUse } from '../../../ui/LastUse.js';
import { Notice } from '../../../ui/Notice.js';
import { StaleNotice } from '../../../ui/StaleNotice.js';
import { lengthOfTime, localTime } from '../../../ui/time-words.js';
import { useAction } from '../../../ui/use-action.js';
import { useFormFocus } from '../../../ui/use-form-focus.js';
import { useNow } from '../../../ui/use-now.js';
import { words } from '../../../words/index.js';
import type { DialogProps } from '../../../ui/use-dialog.js';
import { FormDialog } from './FormDialog.js';
import { patchSecret, type ReadSecret, readSecret } from './read-secret.js';
import styles from './SecretForm.module.css';
import { SPANS } from './spans.js';

interface Props {
  user: User;
  read: ReadSecret;
}

/** Moves the end of a retiring secret away. */
export function KeepLongerDialog({ user, read, ...dialog }: Props & DialogProps) {
  return (
    <FormDialog {...dialog} title={words.secrets.keepLongerTitle}>
      <KeepLonger user={user} read={read} onClose={dialog.onClose} />
    </FormDialog>
  );
}

function KeepLonger({ user, read: begun, onClose }: Props & Pick<DialogProps, 'onClose'>) {
  const queryClient = useQueryClient();
  const now = useNow();
  /** As it is now; undefined where it is gone. */
  const [read, setRead] = useState<ReadSecret | undefined>(begun);
  const [seconds, setSeconds] = useState(SPANS.day);
  const { secret } = read ?? begun;
  const [from, to] = [Date.parse(secret.expiresAt!), Date.parse(secret.expiresAt!) + 1000 * seconds];
  const save = useAction(async () => {
    if (read === undefined) return onClose();
    try {
      await patchSecret(queryClient, read, { expiresAt: new Date(to).toISOString() });
    } catch (error) {
      if (isStale(error)) setRead(await readSecret(queryClient, user.name, read));
      throw error;
    }
    onClose();
  });
  const form = useFormFocus(save.pending || isStale(save.problem));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save.run();
  };
  return (
    <form ref={form} className={styles.form} onSubmit={submit}>
      <p>{words.secrets.keepLongerAbout(secret.name, <code>{secret.hint}</code>, localTime(from))}</p>
      <NativeSelect
        label={words.secrets.keepFor}
        description={words.secrets.keepsUntil(localTime(to))}
        inputWrapperOrder={['label', 'input', 'description']}
        data={Object.values(SPANS).map((value) => ({ value: String(value), label: lengthOfTime(1000 * value) }))}
        value={String(seconds)}
        onChange={({ currentTarget: { value } }) => setSeconds(Number(value))}
        data-autofocus
      />
      <Notice tone={secret.lastUsedAt === null ? 'neutral' : 'warn'} title={words.secrets.usedLast}>
        <LastUse {...secret} />
      </Notice>
      {isStale(save.problem) ? (
        <StaleNotice
          user={user}
          onSaveAnyway={() => void save.run()}
          onUseNew={read && isGood(read.secret, now) ? save.forget : onClose}
          pending={save.pending}
        />
      ) : (
        save.problem !== undefined && <Notice tone="bad">{describeProblem(save.problem)}</Notice>
      )}
      <div className={styles.buttons}>
        <Button variant="default" onClick={onClose}>
          {words.ui.cancel}
        </Button>
        <Button type="submit" loading={save.pending}>
          {words.secrets.keepLonger}
        </Button>
      </div>
    </form>
  );
}
