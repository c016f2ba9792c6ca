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
    toast('Secret revoked');
    await queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' });
    // After the dialog, which gives the focus back to the button that is not there any more.
    window.setTimeout(onRevoked, 300);
  };
  return (
    <>
      {state === 'live' ? (
        <>
          <span>Revoking stops your current secret at once, on every server.</span>
          <Button variant="default" color="red" onClick={() => setAsking(true)}>
            Revoke
          </Button>
        </>
      ) : (
        <>
          <span>
            No secret is live: every request with this key is refused with 401.{' '}
            {manager ? 'Generate a new one' : 'Ask a System Manager to generate a new secret'}; the key stays the same.
          </span>
          {manager && <ToMyApiAccess />}
        </>
      )}
      <ConfirmDialog
        opened={asking}
        title="Revoke the secret?"
        confirm="Revoke"
        onConfirm={revoke}
        onClose={() => setAsking(false)}
      >
        <p>
          The secret ending in <code>{hint}</code> stops working at once, and this cannot be undone.{' '}
          {manager ? 'You' : 'A System Manager'} can generate a new one later. The API key stays with you.
        </p>
        {lastUsedAt !== null && (
          <Notice tone="warn" title="This secret is in use">
            It was last used <Time at={lastUsedAt} />.
          </Notice>
        )}
      </ConfirmDialog>
    </>
  );
}
