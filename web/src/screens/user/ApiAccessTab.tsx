import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ComponentProps, lazy, type ReactNode, Suspense, useRef, useState } from 'react';
import type { GeneratedKey, User } from '../../api.js';
import { loadFile } from '../../load-file.js';
import { keyQuery } from '../../queries.js';
import { Card } from '../../ui/Card.js';
import { EmptyState } from '../../ui/EmptyState.js';
import { ErrorState } from '../../ui/ErrorState.js';
import { HowToSend } from '../../ui/HowToSend.js';
import { KeyDetails } from '../../ui/KeyDetails.js';
import { Stack } from '../../ui/Page.js';
import { SkeletonRows } from '../../ui/SkeletonRows.js';
import { useDialog } from '../../ui/use-dialog.js';
import { UsageCard } from '../../ui/usage/UsageCard.js';
import { words } from '../../words/index.js';
import { refresh } from './secrets/read-secret.js';
import { SecretsCard } from './secrets/SecretsCard.js';
import styles from './UserScreen.module.css';

type KeysProps = ComponentProps<(typeof import('./secrets/KeysDialog.js'))['KeysDialog']>;

const NewSecretDialog = lazy(async () => ({
  default: (await loadFile(() => import('./secrets/dialogs.js'))).NewSecretDialog,
}));

export function ApiAccessTab({ user }: { user: User }) {
  const { name } = user;
  const queryClient = useQueryClient();
  const key = useQuery(keyQuery(name));
  // The one place of the page that holds a secret, from the answer that brings it until the dialog is closed.
  const [shown, setShown] = useState<{ generated: GeneratedKey; Dialog: (props: KeysProps) => ReactNode }>();
  const [, renderAgain] = useState(0);
  const making = useDialog<'add' | 'generate'>();
  const heading = useRef<HTMLHeadingElement>(null);

  const show = async (make: () => Promise<GeneratedKey>) => {
    // Before there is a secret that would have nowhere to be shown. No Suspense: it keeps the props of what it showed.
    const { KeysDialog: Dialog } = await loadFile(() => import('./secrets/KeysDialog.js'));
    setShown({ generated: await make(), Dialog });
    void refresh(queryClient);
  };
  const close = () => {
    setShown(undefined);
    window.setTimeout(() => {
      renderAgain((count) => count + 1); // React keeps the render before the last, and the secret in it
      heading.current?.focus(); // the button that opened the dialog may be gone
    });
  };

  if (key.error && key.data === undefined) return <ErrorState problem={key.error} onRetry={() => void key.refetch()} />;
  if (key.data === undefined) return <SkeletonRows rows={3} />;
  const buttons = (
    <>
      <Button variant="default" onClick={() => making.open('add')}>
        {words.secrets.add}
      </Button>
      <Button onClick={() => making.open('generate')}>{words.user.generate}</Button>
    </>
  );
  return (
    <Stack>
      {key.data === null ? (
        <NoKey user={user} buttons={buttons} />
      ) : (
        <>
          <Card title={words.user.keyTitle} about={words.user.keyForLife(user.fullName)}>
            <KeyDetails apiKey={key.data} />
          </Card>
          <SecretsCard user={user} apiKey={key.data} titleRef={heading} making={buttons} show={show} />
          <UsageCard of={{ user: name }} />
          <HowToSend apiKey={key.data.apiKey} />
        </>
      )}
      <Suspense>
        {making.about && (
          <NewSecretDialog user={user} apiKey={key.data} kind={making.about} show={show} {...making.props} />
        )}
      </Suspense>
      {shown && <shown.Dialog user={user} generated={shown.generated} onClose={close} />}
    </Stack>
  );
}

function NoKey({ user, buttons }: { user: User; buttons: ReactNode }) {
  return (
    <Card>
      <EmptyState
        title={words.user.noKey(user.fullName)}
        about={words.user.noKeyAbout}
        action={<span className={styles.actions}>{buttons}</span>}
      />
    </Card>
  );
}
