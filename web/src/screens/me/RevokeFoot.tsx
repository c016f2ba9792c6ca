import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type ApiKey } from '../../api.js';
import { isManager, useMe } from '../../session.js';
import { toast } from '../../ui/announce.js';
import { ConfirmDialog } from '../../ui/ConfirmDialog.js';
import { summaryOf } from '../../ui/key-state.js';
import { Notice } from '../../ui/Notice.js';
import { Time } from '../../ui/Time.js';
import { words } from '../../words/index.js';
import { ToMyApiAccess } from './ToMyApiAccess.js';

interface Props {
  apiKey: ApiKey;
  /** The button that had the focus is gone. */
  onRevoked: () => void;
}

export function RevokeFoot({ apiKey: key, onRevoked }: Props) {
  const queryClient = useQueryClient();
  const manager = isManager(useMe());
  const [asking, setAsking] = useState(false);
  const { state, hint, lastUsedAt } = summaryOf(key);
  const revoke = async () => {
    await api.DELETE('/v1/api-keys/{apiKey}/secrets', { params: { path: { apiKey: key.apiKey } } });
    toast(words.key.secretRevoked);
    await queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' });
    // After the dialog, which gives the focus back to the button that is not there any more.
    window.setTimeout(onRevoked, 300);
  };
  return (
    <>
      {state === 'live' ? (
        <>
          <span>{words.me.stopsSecret}</span>
          <Button variant="default" color="red" onClick={() => setAsking(true)}>
            {words.me.revoke}
          </Button>
        </>
      ) : (
        <>
          <span>{manager ? words.me.noSecretManager : words.me.noSecretOther}</span>
          {manager && <ToMyApiAccess />}
        </>
      )}
      <ConfirmDialog
        opened={asking}
        title={words.key.revokeTitle}
        confirm={words.me.revoke}
        onConfirm={revoke}
        onClose={() => setAsking(false)}
      >
        <p>{words.key.revokeAbout(<code>{hint}</code>, manager ? 'generate' : 'ask')}</p>
        {lastUsedAt !== null && (
          <Notice tone="warn" title={words.key.inUse}>
            {words.key.inUseAbout(<Time at={lastUsedAt} />)}
          </Notice>
        )}
      </ConfirmDialog>
    </>
  );
}
