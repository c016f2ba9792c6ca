import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, type ReactNode, type Ref, Suspense } from 'react';
import type { ApiKey, GeneratedKey, Secret, User } from '../../../api.js';
import { loadFile } from '../../../load-file.js';
import { describeProblem } from '../../../problem.js';
import { Card } from '../../../ui/Card.js';
import { isCurrent, isGood } from '../../../ui/key-state.js';
import { Notice } from '../../../ui/Notice.js';
import { RevokeDialog } from '../../../ui/RevokeDialog.js';
import { SecretList } from '../../../ui/SecretList.js';
import { useAction } from '../../../ui/use-action.js';
import { useDialog } from '../../../ui/use-dialog.js';
import { useNow } from '../../../ui/use-now.js';
import { words } from '../../../words/index.js';
import styles from '../UserScreen.module.css';
import { type ReadSecret, readSecret } from './read-secret.js';

const file = () => loadFile(() => import('./dialogs.js'));
const RotateDialog = lazy(async () => ({ default: (await file()).RotateDialog }));
const EditDialog = lazy(async () => ({ default: (await file()).EditDialog }));
const KeepLongerDialog = lazy(async () => ({ default: (await file()).KeepLongerDialog }));

interface Props {
  user: User;
  apiKey: ApiKey;
  titleRef: Ref<HTMLHeadingElement>;
  /** What makes a secret of its own. */
  making: ReactNode;
  /** Shows a secret that is made. */
  show: (make: () => Promise<GeneratedKey>) => Promise<void>;
}

/** The secrets of a user's key, and what is done with each. */
export function SecretsCard({ user, apiKey: key, titleRef, making, show }: Props) {
  const queryClient = useQueryClient();
  const now = useNow();
  const rotating = useDialog<Secret>();
  const editing = useDialog<ReadSecret>();
  const keeping = useDialog<ReadSecret>();
  const revoking = useDialog<Secret | undefined>();
  const good = key.secrets.filter((secret) => isGood(secret, now));
  const begin = useAction(async (secret: Secret, open: (read: ReadSecret) => void) => {
    const read = await readSecret(queryClient, user.name, { apiKey: key.apiKey, secret });
    if (read && isGood(read.secret, Date.now())) open(read); // else the page shows that it is dead
  });
  const actions = (secret: Secret) => {
    const { name } = secret;
    const press = (of: { text: string; of: (name: string) => string }, onClick: () => void, red = false) => (
      <Button variant="default" size="xs" aria-label={of.of(name)} onClick={onClick} {...(red && { color: 'red' })}>
        {of.text}
      </Button>
    );
    return isCurrent(secret, now) ? (
      <>
        {press(words.secrets.buttons.rotate, () => rotating.open(secret))}
        {press(words.secrets.buttons.edit, () => void begin.run(secret, editing.open))}
        {press(words.secrets.buttons.revoke, () => revoking.open(secret), true)}
      </>
    ) : (
      <>
        {press(words.secrets.buttons.keepLonger, () => void begin.run(secret, keeping.open))}
        {press(words.secrets.buttons.endNow, () => revoking.open(secret), true)}
      </>
    );
  };
  return (
    <Card
      flush
      title={words.secrets.title}
      titleRef={titleRef}
      about={words.secrets.about}
      aside={<span className={styles.actions}>{making}</span>}
      foot={
        good.length === 0 ? undefined : (
          <Foot user={user} count={good.length} onRevoke={() => revoking.open(undefined)} />
        )
      }
    >
      <div className={styles.notices}>
        {good.length === 0 && (
          <Notice tone="neutral" title={words.user.noSecret}>
            {words.user.noSecretAbout}
          </Notice>
        )}
        {good.length > 0 && !user.enabled && <Notice tone="warn">{words.user.keyOfDisabled(user.fullName)}</Notice>}
        {begin.problem !== undefined && <Notice tone="bad">{describeProblem(begin.problem)}</Notice>}
      </div>
      <SecretList secrets={key.secrets} actions={actions} />
      <RevokeDialog
        apiKey={key}
        secret={revoking.about}
        opened={revoking.props.opened}
        may="generate"
        onClose={revoking.props.onClose}
      />
      <Suspense>
        {rotating.about && (
          <RotateDialog {...{ user, apiKey: key, show }} {...rotating.props} secret={rotating.about} />
        )}
        {editing.about && <EditDialog user={user} {...editing.props} read={editing.about} />}
        {keeping.about && <KeepLongerDialog user={user} {...keeping.props} read={keeping.about} />}
      </Suspense>
    </Card>
  );
}

function Foot({ user, count, onRevoke }: { user: User; count: number; onRevoke: () => void }) {
  return (
    <>
      <span>{words.user.stopsSecret(user.fullName)}</span>
      {count > 1 && (
        <Button variant="default" color="red" onClick={onRevoke}>
          {words.key.revokeAll}
        </Button>
      )}
    </>
  );
}
