import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, type ApiKey, type Secret } from '../api.js';
import { words } from '../words/index.js';
import { toast } from './announce.js';
import { ConfirmDialog } from './ConfirmDialog.js';
import { InUse } from './InUse.js';
import { isGood } from './key-state.js';
import { useNow } from './use-now.js';

interface Props {
  apiKey: ApiKey;
  /** All of them where it is undefined. */
  secret: Secret | undefined;
  opened: boolean;
  /** What can be done about it later, by whom it is shown to. */
  may: 'generate' | 'ask';
  onRevoked?: () => void;
  onClose: () => void;
}

/** Asks before a secret ends at once: one that is live or retiring, or all of the key. */
export function RevokeDialog({ apiKey: { apiKey, secrets }, secret, opened, may, onRevoked, onClose }: Props) {
  const queryClient = useQueryClient();
  const now = useNow();
  // It may have been used since the page was loaded.
  useEffect(() => {
    if (opened) void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[2] === 'key' });
  }, [opened, queryClient]);
  const revoke = async () => {
    const path = { apiKey };
    if (secret === undefined) await api.DELETE('/v1/api-keys/{apiKey}/secrets', { params: { path } });
    else await api.DELETE('/v1/api-keys/{apiKey}/secrets/{id}', { params: { path: { ...path, id: secret.id } } });
    toast(secret === undefined ? words.key.allRevoked : retiring ? words.key.secretEnded : words.key.secretRevoked);
    await queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' });
    onRevoked?.();
  };
  const good = secrets.filter((one) => isGood(one, now));
  const retiring = secret?.state === 'retiring';
  const replaced = secret && good.find(({ id }) => id === secret.replaces);
  const [title, confirm] =
    secret === undefined
      ? [words.key.revokeAllTitle, words.key.revokeAll]
      : retiring
        ? [words.key.endTitle, words.key.endNow]
        : [words.key.revokeTitle, words.key.revoke];
  return (
    <ConfirmDialog opened={opened} title={title} confirm={confirm} onConfirm={revoke} onClose={onClose}>
      {secret === undefined ? (
        <p>{words.key.revokeAllAbout(good.length, may)}</p>
      ) : (
        <>
          <p>
            {retiring
              ? words.key.endAbout(secret.name, <code>{secret.hint}</code>)
              : words.key.revokeAbout(secret.name, <code>{secret.hint}</code>, may)}
          </p>
          {replaced && <p>{words.key.revokeBrings(<code>{replaced.hint}</code>)}</p>}
          <InUse secret={secrets.find(({ id }) => id === secret.id) ?? secret} />
        </>
      )}
    </ConfirmDialog>
  );
}
