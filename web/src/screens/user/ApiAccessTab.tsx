import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ComponentProps, type ReactNode, useRef, useState } from 'react';
import type { GeneratedKey, User } from '../../api.js';
import { loadFile } from '../../load-file.js';
import { keyQuery } from '../../queries.js';
import { describeProblem } from '../../problem.js';
import { Card } from '../../ui/Card.js';
import { EmptyState } from '../../ui/EmptyState.js';
import { ErrorState } from '../../ui/ErrorState.js';
import { Notice } from '../../ui/Notice.js';
import { Stack } from '../../ui/Page.js';
import { SkeletonRows } from '../../ui/SkeletonRows.js';
import { type Action, useAction } from '../../ui/use-action.js';
import { HowToSend } from '../../ui/HowToSend.js';
import { words } from '../../words/index.js';
import { generate } from './generate.js';
import { KeyCard } from './KeyCard.js';

type DialogProps = ComponentProps<(typeof import('./KeysDialog.js'))['KeysDialog']>;

export function ApiAccessTab({ user }: { user: User }) {
  const { name } = user;
  const queryClient = useQueryClient();
  const key = useQuery(keyQuery(name));
  // The one place of the page that holds a secret, from the answer that brings it until the dialog is closed.
  const [shown, setShown] = useState<{ generated: GeneratedKey; Dialog: (props: DialogProps) => ReactNode }>();
  const [, renderAgain] = useState(0);
  const heading = useRef<HTMLHeadingElement>(null);
  const refresh = () => queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' });

  const show = async () => {
    // Before there is a secret that would have nowhere to be shown. No Suspense: it keeps the props of what it showed.
    const { KeysDialog: Dialog } = await loadFile(() => import('./KeysDialog.js'));
    setShown({ generated: await generate(queryClient, name, key.data ?? null), Dialog });
    void refresh();
  };
  const first = useAction(async () => {
    // The button goes with what it has made, and so would the words beside it.
    await show().finally(() => window.setTimeout(() => heading.current?.focus()));
  });
  const close = () => {
    setShown(undefined);
    window.setTimeout(() => {
      renderAgain((count) => count + 1); // React keeps the render before the last, and the secret in it
      heading.current?.focus(); // the button that opened the dialog may be gone
    });
  };

  if (key.error && key.data === undefined) return <ErrorState problem={key.error} onRetry={() => void key.refetch()} />;
  if (key.data === undefined) return <SkeletonRows rows={3} />;
  return (
    <Stack>
      {first.problem !== undefined && <Notice tone="bad">{describeProblem(first.problem)}</Notice>}
      {key.data === null ? (
        <NoKey user={user} generate={first} />
      ) : (
        <KeyCard
          user={user}
          apiKey={key.data}
          titleRef={heading}
          generate={first}
          onRegenerate={show}
          onChange={refresh}
        />
      )}
      {key.data !== null && <HowToSend apiKey={key.data.apiKey} />}
      {shown && <shown.Dialog user={user} generated={shown.generated} onClose={close} />}
    </Stack>
  );
}

function NoKey({ user, generate: { run, pending } }: { user: User; generate: Action<[]> }) {
  return (
    <Card>
      <EmptyState
        title={words.user.noKey(user.fullName)}
        about={words.user.noKeyAbout}
        action={
          <Button loading={pending} onClick={() => void run()}>
            {words.user.generate}
          </Button>
        }
      />
    </Card>
  );
}
