import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { keyQuery } from '../../queries.js';
import { isManager, useMe } from '../../session.js';
import { Card } from '../../ui/Card.js';
import { EmptyState } from '../../ui/EmptyState.js';
import { ErrorState } from '../../ui/ErrorState.js';
import { SkeletonRows } from '../../ui/SkeletonRows.js';
import { HowToSend } from '../../ui/HowToSend.js';
import { KeyDetails } from '../../ui/KeyDetails.js';
import { words } from '../../words/index.js';
import { ToMyApiAccess } from './ToMyApiAccess.js';
import { RevokeFoot } from './RevokeFoot.js';

/** One's own key. Whoever has none asks a System Manager, or is one and does it elsewhere: nobody generates here. */
export function MyKey() {
  const me = useMe();
  const { name } = me;
  const title = useRef<HTMLHeadingElement>(null);
  const { data: key, isError, error, refetch } = useQuery(keyQuery(name));
  if (key === undefined) {
    return (
      <Card flush title={words.me.key}>
        {isError ? <ErrorState problem={error} onRetry={() => void refetch()} /> : <SkeletonRows rows={3} />}
      </Card>
    );
  }
  if (key === null) {
    return (
      <Card flush>
        <EmptyState
          title={words.me.noKey}
          about={isManager(me) ? words.me.noKeyManager : words.me.noKeyOther}
          {...(isManager(me) && { action: <ToMyApiAccess /> })}
        />
      </Card>
    );
  }
  return (
    <>
      <Card
        title={words.me.key}
        titleRef={title}
        about={words.me.keyAbout}
        foot={<RevokeFoot apiKey={key} onRevoked={() => title.current?.focus()} />}
      >
        <KeyDetails apiKey={key} />
      </Card>
      <HowToSend apiKey={key.apiKey} />
    </>
  );
}
