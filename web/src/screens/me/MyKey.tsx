import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import type { ApiKey, Secret } from '../../api.js';
import { keyQuery } from '../../queries.js';
import { isManager, useMe } from '../../session.js';
import { Card } from '../../ui/Card.js';
import { EmptyState } from '../../ui/EmptyState.js';
import { ErrorState } from '../../ui/ErrorState.js';
import { HowToSend } from '../../ui/HowToSend.js';
import { KeyDetails } from '../../ui/KeyDetails.js';
import { isCurrent, isGood } from '../../ui/key-state.js';
import { RevokeDialog } from '../../ui/RevokeDialog.js';
import { SecretList } from '../../ui/SecretList.js';
import { SkeletonRows } from '../../ui/SkeletonRows.js';
import { useDialog } from '../../ui/use-dialog.js';
import { useNow } from '../../ui/use-now.js';
import { UsageCard } from '../../ui/usage/UsageCard.js';
import { words } from '../../words/index.js';
import styles from './MeScreen.module.css';
import { ToMyApiAccess } from './ToMyApiAccess.js';

/** One's own key. Whoever has none asks a System Manager, or is one and does it elsewhere: nobody generates here. */
export function MyKey() {
  const me = useMe();
  const { data: key, isError, error, refetch } = useQuery(keyQuery(me.name));
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
      <Key apiKey={key} />
      <UsageCard of={{ user: me.name }} />
      <HowToSend apiKey={key.apiKey} />
    </>
  );
}

/** With its secrets, each of which can be revoked. */
function Key({ apiKey: key }: { apiKey: ApiKey }) {
  const manager = isManager(useMe());
  const now = useNow();
  const title = useRef<HTMLHeadingElement>(null);
  const revoking = useDialog<Secret | undefined>();
  const good = key.secrets.filter((secret) => isGood(secret, now));
  const revoke = (secret: Secret) => {
    const { text, of } = isCurrent(secret, now) ? words.secrets.buttons.revoke : words.secrets.buttons.endNow;
    return (
      <Button
        variant="default"
        color="red"
        size="xs"
        aria-label={of(secret.name)}
        onClick={() => revoking.open(secret)}
      >
        {text}
      </Button>
    );
  };
  return (
    <Card
      flush
      title={words.me.key}
      titleRef={title}
      about={words.me.keyAbout}
      foot={<Foot count={good.length} manager={manager} onRevokeAll={() => revoking.open(undefined)} />}
    >
      <div className={styles.key}>
        <KeyDetails apiKey={key} />
      </div>
      <SecretList own secrets={key.secrets} actions={revoke} />
      <RevokeDialog
        apiKey={key}
        secret={revoking.about}
        opened={revoking.props.opened}
        may={manager ? 'generate' : 'ask'}
        onClose={revoking.props.onClose}
        // After the dialog, which gives the focus back to the button that is not there any more.
        onRevoked={() => window.setTimeout(() => title.current?.focus(), 300)}
      />
    </Card>
  );
}

function Foot({ count, manager, onRevokeAll }: { count: number; manager: boolean; onRevokeAll: () => void }) {
  if (count === 0) {
    return (
      <>
        <span>{manager ? words.me.noSecretManager : words.me.noSecretOther}</span>
        {manager && <ToMyApiAccess />}
      </>
    );
  }
  return (
    <>
      <span>{words.me.stopsSecret}</span>
      {count > 1 && (
        <Button variant="default" color="red" onClick={onRevokeAll}>
          {words.key.revokeAll}
        </Button>
      )}
    </>
  );
}
