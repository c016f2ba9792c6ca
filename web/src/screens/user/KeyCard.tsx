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
import { firstName } from './first-name.js';
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
  const first = firstName(user);
  const summary = summaryOf(key);
  const live = summary.state === 'live' ? summary : undefined;
  const revoke = async () => {
    await api.DELETE('/v1/api-keys/{apiKey}/secrets', { params: { path: { apiKey: key.apiKey } } });
    toast('Secret revoked');
    await onChange();
  };
  const close = () => setAsking(undefined);
  return (
    <Card title="API key" titleRef={titleRef} foot={<Foot {...{ first, live, generate, setAsking }} />}>
      {live === undefined && (
        <Notice tone="neutral" title="No secret is live">
          Every request with this key is refused with 401. Generate Keys makes a new secret; the key stays the same.
        </Notice>
      )}
      {live !== undefined && !user.enabled && (
        <Notice tone="warn">{user.fullName} is disabled. This key is refused until you enable the user.</Notice>
      )}
      <KeyDetails apiKey={key} />
      <ConfirmDialog
        opened={asking === 'regenerate'}
        title="Regenerate Secret?"
        confirm="Regenerate Secret"
        onConfirm={onRegenerate}
        onClose={close}
      >
        <p>
          The current secret, ending in <code>{live?.hint}</code>, stops working at once. Every program that still uses
          it gets 401 until you give it the new one. The API key stays the same.
        </p>
        {live?.lastUsedAt && (
          <Notice tone="warn" title="This secret is in use">
            It was last used <Time at={live.lastUsedAt} />.
          </Notice>
        )}
      </ConfirmDialog>
      <ConfirmDialog
        opened={asking === 'revoke'}
        title="Revoke the secret?"
        confirm="Revoke"
        onConfirm={revoke}
        onClose={close}
      >
        <p>
          The secret ending in <code>{live?.hint}</code> stops working at once, and this cannot be undone. You can
          generate a new one later. The API key stays with {first}.
        </p>
      </ConfirmDialog>
    </Card>
  );
}

interface FootProps {
  first: string;
  live: KeySummary | undefined;
  generate: Action<[]>;
  setAsking: (what: 'regenerate' | 'revoke') => void;
}

function Foot({ first, live, generate, setAsking }: FootProps) {
  if (live === undefined) {
    return (
      <>
        <span>{first} keeps this key for life.</span>
        <Button loading={generate.pending} onClick={() => void generate.run()}>
          Generate Keys
        </Button>
      </>
    );
  }
  return (
    <>
      <span>Regenerating or revoking stops {first}’s current secret at once, on every server.</span>
      <span className={styles.actions}>
        <Button variant="default" color="red" onClick={() => setAsking('revoke')}>
          Revoke
        </Button>
        <Button variant="default" leftSection={<IconRefresh size={17} />} onClick={() => setAsking('regenerate')}>
          Regenerate Secret
        </Button>
      </span>
    </>
  );
}
