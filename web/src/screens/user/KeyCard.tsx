import { Button } from '@mantine/core';
import IconRefresh from '@tabler/icons-react/icons/IconRefresh';
import { type Ref, useState } from 'react';
import { api, type ApiKey, type KeySummary, type User } from '../../api.js';
import { toast } from '../../ui/announce.js';
import { Card } from '../../ui/Card.js';
import { ConfirmDialog } from '../../ui/ConfirmDialog.js';
import { summaryOf } from '../../ui/key-state.js';
import { KeyDetails } from '../../ui/KeyDetails.js';
import { Notice } from '../../ui/Notice.js';
import { Time } from '../../ui/Time.js';
import type { Action } from '../../ui/use-action.js';
import { words } from '../../words/index.js';
import styles from './UserScreen.module.css';

interface Props {
  user: User;
  apiKey: ApiKey;
  titleRef: Ref<HTMLHeadingElement>;
  /** While no secret is live. */
  generate: Action<[]>;
  onRegenerate: () => Promise<void>;
  onChange: () => Promise<void>;
}

export function KeyCard({ user, apiKey: key, titleRef, generate, onRegenerate, onChange }: Props) {
  const [asking, setAsking] = useState<'regenerate' | 'revoke'>();
  const summary = summaryOf(key);
  const live = summary.state === 'live' ? summary : undefined;
  const revoke = async () => {
    await api.DELETE('/v1/api-keys/{apiKey}/secrets', { params: { path: { apiKey: key.apiKey } } });
    toast(words.key.secretRevoked);
    await onChange();
  };
  const close = () => setAsking(undefined);
  return (
    <Card title={words.user.keyTitle} titleRef={titleRef} foot={<Foot {...{ user, live, generate, setAsking }} />}>
      {live === undefined && (
        <Notice tone="neutral" title={words.user.noSecret}>
          {words.user.noSecretAbout}
        </Notice>
      )}
      {live !== undefined && !user.enabled && <Notice tone="warn">{words.user.keyOfDisabled(user.fullName)}</Notice>}
      <KeyDetails apiKey={key} />
      <ConfirmDialog
        opened={asking === 'regenerate'}
        title={words.user.regenerateTitle}
        confirm={words.user.regenerate}
        onConfirm={onRegenerate}
        onClose={close}
      >
        <p>{words.user.regenerateAbout(<code>{live?.hint}</code>)}</p>
        {live?.lastUsedAt && (
          <Notice tone="warn" title={words.key.inUse}>
            {words.key.inUseAbout(<Time at={live.lastUsedAt} />)}
          </Notice>
        )}
      </ConfirmDialog>
      <ConfirmDialog
        opened={asking === 'revoke'}
        title={words.key.revokeTitle}
        confirm={words.user.revoke}
        onConfirm={revoke}
        onClose={close}
      >
        <p>{words.key.revokeAbout(<code>{live?.hint}</code>, 'generate')}</p>
      </ConfirmDialog>
    </Card>
  );
}

interface FootProps {
  user: User;
  live: KeySummary | undefined;
  generate: Action<[]>;
  setAsking: (what: 'regenerate' | 'revoke') => void;
}

function Foot({ user, live, generate, setAsking }: FootProps) {
  if (live === undefined) {
    return (
      <>
        <span>{words.user.keyForLife(user.fullName)}</span>
        <Button loading={generate.pending} onClick={() => void generate.run()}>
          {words.user.generate}
        </Button>
      </>
    );
  }
  return (
    <>
      <span>{words.user.stopsSecret(user.fullName)}</span>
      <span className={styles.actions}>
        <Button variant="default" color="red" onClick={() => setAsking('revoke')}>
          {words.user.revoke}
        </Button>
        <Button variant="default" leftSection={<IconRefresh size={17} />} onClick={() => setAsking('regenerate')}>
          {words.user.regenerate}
        </Button>
      </span>
    </>
  );
}
