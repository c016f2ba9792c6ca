import '@mantine/core/styles/InlineInput.layer.css';
import '@mantine/core/styles/Radio.layer.css';
import { Button, Radio } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ApiKey, GeneratedKey, Secret, User } from '../../../api.js';
import { describeProblem } from '../../../problem.js';
import { isGood } from '../../../ui/key-state.js';
import { LastUse } from '../../../ui/LastUse.js';
import { Notice } from '../../../ui/Notice.js';
import { limitsInWords } from '../../../ui/rate-limits.js';
import { lengthOfTime, localTime } from '../../../ui/time-words.js';
import { type Action, useAction } from '../../../ui/use-action.js';
import { useFormFocus } from '../../../ui/use-form-focus.js';
import { useNow } from '../../../ui/use-now.js';
import { words } from '../../../words/index.js';
import type { DialogProps } from '../../../ui/use-dialog.js';
import { FormDialog } from './FormDialog.js';
import { makeSecret } from './make-secret.js';
import styles from './SecretForm.module.css';
import { SPANS } from './spans.js';

interface Props {
  user: User;
  apiKey: ApiKey;
  secret: Secret;
  /** Shows what it makes. */
  show: (make: () => Promise<GeneratedKey>) => Promise<void>;
}

/** Asks how long the old secret goes on working. */
export function RotateDialog({ user, apiKey, secret, show, ...dialog }: Props & DialogProps) {
  const { onClose } = dialog;
  const queryClient = useQueryClient();
  const rotate = useAction(async (overlapSeconds: number) => {
    await show(() => makeSecret(queryClient, user.name, apiKey, { name: secret.name, overlapSeconds }));
    onClose();
  });
  const close = () => {
    if (rotate.pending) return;
    rotate.forget();
    onClose();
  };
  return (
    <FormDialog {...dialog} title={words.secrets.rotateTitle(secret.name)} onClose={close}>
      <Rotate apiKey={apiKey} secret={secret} rotate={rotate} onClose={close} />
    </FormDialog>
  );
}

interface FormProps extends Pick<Props, 'apiKey' | 'secret'>, Pick<DialogProps, 'onClose'> {
  rotate: Action<[overlapSeconds: number]>;
}

function Rotate({ apiKey: { secrets }, secret, rotate, onClose }: FormProps) {
  const now = useNow();
  const retiring = secrets.find((one) => one.name === secret.name && one.state === 'retiring' && isGood(one, now));
  const [chosen, setChosen] = useState(SPANS.day);
  const overlap = retiring ? 0 : chosen; // the server has one rotation at a time
  const form = useFormFocus(rotate.pending);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void rotate.run(overlap);
  };
  return (
    <form ref={form} className={styles.form} onSubmit={submit}>
      <p>{words.secrets.rotateAbout}</p>
      {secret.limits && <p>{words.secrets.sameLimits(limitsInWords(secret.limits))}</p>}
      {retiring && (
        <Notice tone="warn" title={words.secrets.underWay}>
          {words.secrets.underWayAbout(<code>{retiring.hint}</code>, localTime(Date.parse(retiring.expiresAt!)))}
        </Notice>
      )}
      <Radio.Group
        label={words.secrets.overlap(<code>{secret.hint}</code>)}
        value={String(overlap)}
        onChange={(value) => setChosen(Number(value))}
      >
        <div className={styles.radios}>
          {[0, ...Object.values(SPANS)].map((seconds) => (
            <Radio
              key={seconds}
              value={String(seconds)}
              label={seconds === 0 ? words.secrets.atOnce : words.secrets.after(lengthOfTime(1000 * seconds))}
              disabled={seconds > 0 && retiring !== undefined}
              data-autofocus={seconds === overlap || undefined}
            />
          ))}
        </div>
      </Radio.Group>
      <Notice tone={secret.lastUsedAt === null ? 'neutral' : 'warn'} title={words.secrets.usedLast}>
        <LastUse {...secret} />
      </Notice>
      {rotate.problem !== undefined && <Notice tone="bad">{describeProblem(rotate.problem)}</Notice>}
      <div className={styles.buttons}>
        <Button variant="default" onClick={onClose}>
          {words.ui.cancel}
        </Button>
        <Button type="submit" loading={rotate.pending} {...(overlap === 0 && { color: 'red' })}>
          {words.secrets.rotate}
        </Button>
      </div>
    </form>
  );
}
