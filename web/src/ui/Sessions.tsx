import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { api, type Session } from '../api.js';
import { describeProblem } from '../problem.js';
import { sessionsQuery } from '../queries.js';
import { logOut, useMe } from '../session.js';
import { words } from '../words/index.js';
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
export function Sessions({ name, fullName }: { name: string; fullName: string }) {
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
    toast(words.sessions.ended);
    title.current?.focus(); // the button that was pressed is gone
  });
  const end = async () => {
    const query = keepsThis ? { except: 'current' as const } : {};
    await api.DELETE('/v1/users/{name}/sessions', { params: { path: { name }, query } });
    if (own && !keepsThis) return leave();
    toast(words.sessions.allEnded);
    await refresh();
  };
  return (
    <Card
      flush
      title={words.sessions.title}
      titleRef={title}
      about={own ? words.sessions.ownAbout : words.sessions.about(fullName)}
      foot={
        <>
          <span>{own ? words.sessions.ownConsequence : words.sessions.consequence}</span>
          <span className={styles.actions}>
            {others > 0 && (
              <Button variant="default" onClick={() => ask(true)}>
                {words.sessions.everywhereElse}
              </Button>
            )}
            <Button variant="default" color="red" disabled={sessions?.length === 0} onClick={() => ask(false)}>
              {words.sessions.everywhere}
            </Button>
          </span>
        </>
      }
    >
      {endOne.problem !== undefined && <Notice tone="bad">{describeProblem(endOne.problem)}</Notice>}
      {sessions !== undefined ? (
        <ul className={styles.list}>
          {sessions.length === 0 && (
            <li className={styles.seen}>{own ? words.sessions.ownNone : words.sessions.none(fullName)}</li>
          )}
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
        title={keepsThis ? words.sessions.everywhereElseTitle : words.sessions.everywhereTitle}
        confirm={keepsThis ? words.sessions.everywhereElse : words.sessions.everywhere}
        onConfirm={end}
        onClose={() => setAsking(false)}
      >
        <p>
          {keepsThis
            ? words.sessions.othersEnd(others)
            : own
              ? words.sessions.ownEnds(sessions?.length)
              : words.sessions.ends(sessions?.length)}
        </p>
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
        <span title={userAgent ?? undefined}>{program}</span> · {address !== null && `${address} · `}
        {active ? words.sessions.activeNow : words.sessions.lastSeen(<Time at={lastSeenAt} />)}
        <span className={styles.seen}>{words.sessions.loggedIn(<Time at={createdAt} form="date" />)}</span>
      </span>
      <span className={styles.actions}>
        {current && <Badge tone="ok">{words.sessions.current}</Badge>}
        <Button
          variant="default"
          size="xs"
          disabled={pending}
          aria-label={(current ? words.sessions.logOutOf : words.sessions.endOf)(program, address)}
          onClick={onEnd}
        >
          {current ? words.sessions.logOut : words.sessions.end}
        </Button>
      </span>
    </li>
  );
}
