import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { api, type Session } from '../api.js';
import { describeProblem } from '../problem.js';
import { sessionsQuery } from '../queries.js';
import { logOut, useMe } from '../session.js';
import { toast } from './announce.js';
import { Badge } from './Badge.js';
import { browserName } from './browser-name.js';
import { Card } from './Card.js';
import { ConfirmDialog } from './ConfirmDialog.js';
import { ErrorState } from './ErrorState.js';
import { Notice } from './Notice.js';
import { SkeletonRows } from './SkeletonRows.js';
import { Time } from './Time.js';
import { useAction } from './use-action.js';
import { useNow } from './use-now.js';
import styles from './Sessions.module.css';

/** The server knows to the minute when a session was last used. */
const ACTIVE_MS = 2 * 60_000;

/** The open sessions of a user, one's own or another's, and their end: each, all others, all. */
export function Sessions({ name, whose }: { name: string; whose: string }) {
  const me = useMe();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const title = useRef<HTMLHeadingElement>(null);
  const [asking, setAsking] = useState(false);
  const [keepsThis, setKeepsThis] = useState(false);
  const { data: sessions, isError, error, refetch } = useQuery(sessionsQuery(name));
  const own = me.name === name;
  const others = sessions?.some(({ current }) => current) ? sessions.length - 1 : 0;

  const ask = (keeps: boolean) => {
    setKeepsThis(keeps);
    setAsking(true);
  };
  const refresh = () => queryClient.invalidateQueries({ queryKey: sessionsQuery(name).queryKey });
  const leave = async () => {
    await logOut(queryClient);
    await navigate({ to: '/login' });
  };
  const endOne = useAction(async ({ id, current }: Session) => {
    if (current) return leave();
    await api.DELETE('/v1/users/{name}/sessions/{id}', { params: { path: { name, id } } }).finally(refresh);
    toast('Session ended');
    title.current?.focus(); // the button that was pressed is gone
  });
  const end = async () => {
    const query = keepsThis ? { except: 'current' as const } : {};
    await api.DELETE('/v1/users/{name}/sessions', { params: { path: { name }, query } });
    if (own && !keepsThis) return leave();
    toast('Sessions ended');
    await refresh();
  };
  return (
    <Card
      flush
      title="Sessions"
      titleRef={title}
      about={`Where ${own ? 'you are' : `${whose} is`} logged in with a password.`}
      foot={
        <>
          <span>Signing out ends sessions at once, on every server. {own ? 'Your' : 'The'} API key keeps working.</span>
          <span className={styles.actions}>
            {others > 0 && (
              <Button variant="default" onClick={() => ask(true)}>
                Sign out everywhere else
              </Button>
            )}
            <Button variant="default" color="red" disabled={sessions?.length === 0} onClick={() => ask(false)}>
              Sign out everywhere
            </Button>
          </span>
        </>
      }
    >
      {endOne.problem !== undefined && <Notice tone="bad">{describeProblem(endOne.problem)}</Notice>}
      {sessions !== undefined ? (
        <ul className={styles.list}>
          {sessions.length === 0 && <li className={styles.seen}>{whose} is logged in nowhere.</li>}
          {sessions.map((session) => (
            <Row key={session.id} session={session} pending={endOne.pending} onEnd={() => void endOne.run(session)} />
          ))}
        </ul>
      ) : isError ? (
        <ErrorState problem={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={2} />
      )}
      <ConfirmDialog
        opened={asking}
        title={keepsThis ? 'Sign out everywhere else?' : 'Sign out everywhere?'}
        confirm={keepsThis ? 'Sign out everywhere else' : 'Sign out everywhere'}
        onConfirm={end}
        onClose={() => setAsking(false)}
      >
        <p>{consequence(keepsThis ? others : sessions?.length, own, keepsThis)}</p>
      </ConfirmDialog>
    </Card>
  );
}

function Row({ session, pending, onEnd }: { session: Session; pending: boolean; onEnd: () => void }) {
  const { address, userAgent, createdAt, lastSeenAt, current } = session;
  const program = browserName(userAgent);
  const active = useNow() - Date.parse(lastSeenAt) < ACTIVE_MS;
  return (
    <li>
      <span>
        <span title={userAgent ?? undefined}>{program}</span> · {address} ·{' '}
        {active ? (
          'active now'
        ) : (
          <>
            last seen <Time at={lastSeenAt} />
          </>
        )}
        <span className={styles.seen}>
          Logged in <Time at={createdAt} form="date" />
        </span>
      </span>
      <span className={styles.actions}>
        {current && <Badge tone="ok">This one</Badge>}
        <Button
          variant="default"
          size="xs"
          disabled={pending}
          aria-label={`${current ? 'Log out of this session, of' : 'End the session of'} ${program} at ${address}`}
          onClick={onEnd}
        >
          {current ? 'Log out' : 'End'}
        </Button>
      </span>
    </li>
  );
}

function consequence(open: number | undefined, own: boolean, others: boolean): string {
  const [ends, whose] = [open === 1 ? 'ends' : 'end', own ? 'Your' : 'The'];
  const sessions = open === 1 ? 'One session' : `${open === undefined ? 'All' : `All ${open}`} sessions`;
  if (others) return `${sessions} besides this one ${ends} at once. Your API key keeps working.`;
  const again = own ? ', this one too, and you log in again' : '';
  return `${sessions} ${ends} at once${again}. ${whose} API key keeps working.`;
}
