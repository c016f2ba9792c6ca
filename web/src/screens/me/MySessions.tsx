import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api.js';
import { sessionsQuery } from '../../queries.js';
import { logOut, useMe } from '../../session.js';
import { Badge } from '../../ui/Badge.js';
import { Card } from '../../ui/Card.js';
import { ConfirmDialog } from '../../ui/ConfirmDialog.js';
import { ErrorState } from '../../ui/ErrorState.js';
import { SkeletonRows } from '../../ui/SkeletonRows.js';
import { Time } from '../../ui/Time.js';
import styles from './MySessions.module.css';

export function MySessions() {
  const { name } = useMe();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const { data: sessions, isError, error, refetch } = useQuery(sessionsQuery(name));
  const endAll = async () => {
    await api.DELETE('/v1/users/{name}/sessions', { params: { path: { name } } });
    await logOut(queryClient);
    await navigate({ to: '/login' });
  };
  return (
    <Card
      flush
      title="Sessions"
      about="Where you are logged in with your password."
      foot={
        <>
          <span>Signing out ends all of them, this one too. Your API key keeps working.</span>
          <Button variant="default" color="red" onClick={() => setAsking(true)}>
            Sign out everywhere
          </Button>
        </>
      }
    >
      {sessions !== undefined ? (
        <ul className={styles.list}>
          {sessions.map(({ createdAt, lastSeenAt, current }, index) => (
            <li key={createdAt + index}>
              <span>
                Logged in <Time at={createdAt} form="date" />
              </span>
              <span className={styles.seen}>
                {current ? <Badge tone="ok">This one</Badge> : <Seen at={lastSeenAt} />}
              </span>
            </li>
          ))}
        </ul>
      ) : isError ? (
        <ErrorState problem={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={2} />
      )}
      <ConfirmDialog
        opened={asking}
        title="Sign out everywhere?"
        confirm="Sign out everywhere"
        onConfirm={endAll}
        onClose={() => setAsking(false)}
      >
        <p>{ending(sessions?.length)}, and you log in again. Your API key keeps working.</p>
      </ConfirmDialog>
    </Card>
  );
}

function Seen({ at }: { at: string }) {
  return (
    <>
      last seen <Time at={at} />
    </>
  );
}

function ending(open: number | undefined): string {
  if (open === 1) return 'Your session ends at once';
  return `All ${open === undefined ? '' : `${open} `}of your sessions end at once, this one too`;
}
