import { Button } from '@mantine/core';
import IconPlayerPlay from '@tabler/icons-react/icons/IconPlayerPlay';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKey } from '../../../api.js';
import { announce } from '../../../ui/announce.js';
import { Badge } from '../../../ui/Badge.js';
import { words } from '../../../words/index.js';
import styles from './KeysDialog.module.css';

interface Result {
  readonly ok: boolean;
  readonly status: string;
  readonly body: string;
  readonly milliseconds: number;
}

/** Calls the server with the token alone: without the cookie of the one who looks on. */
export function TryIt({ token, secretId }: { token: string; secretId: string }) {
  const [result, setResult] = useState<Result>();
  const [pending, setPending] = useState(false);
  const queryClient = useQueryClient();
  const run = async () => {
    setPending(true);
    const tried = await call(token);
    setResult(tried);
    setPending(false);
    if (tried.ok) showUse(queryClient, secretId);
    announce(`${tried.status} ${tried.body}`);
  };
  return (
    <div className={styles.try}>
      <Button variant="default" leftSection={<IconPlayerPlay size={17} />} loading={pending} onClick={() => void run()}>
        {words.keys.try}
      </Button>
      {result === undefined ? (
        <span className={styles.hint}>{words.keys.tryAbout}</span>
      ) : (
        <>
          <Badge tone={result.ok ? 'ok' : 'warn'}>{result.status}</Badge>
          <code>{result.body}</code>
          <span className={styles.hint}>{words.keys.milliseconds(result.milliseconds)}</span>
        </>
      )}
    </div>
  );
}

/** The server has written by then when a key was used. */
const WRITTEN_MS = 31_000;

/** Has the page behind the dialog know that this secret was used. */
function showUse(queryClient: QueryClient, secretId: string): void {
  const lastUsedAt = new Date().toISOString();
  queryClient.setQueriesData<ApiKey | null>(
    { predicate: ({ queryKey }) => queryKey[2] === 'key' },
    (known) => {
      if (!known?.secrets.some(({ id }) => id === secretId)) return known;
      const secrets = known.secrets.map((secret) => (secret.id === secretId ? { ...secret, lastUsedAt } : secret));
      return { ...known, lastUsedAt, secrets };
    },
    { updatedAt: Date.now() + WRITTEN_MS }, // what the server says before is older
  );
  readLater(queryClient);
}

/** Apart, so that what waits holds no token. */
function readLater(queryClient: QueryClient): void {
  const predicate = ({ queryKey }: { queryKey: readonly unknown[] }) => queryKey[0] !== 'me';
  window.setTimeout(() => void queryClient.invalidateQueries({ predicate }), WRITTEN_MS);
}

async function call(token: string): Promise<Result> {
  const began = performance.now();
  const took = () => Math.round(performance.now() - began);
  try {
    const response = await fetch('/api/method/frappe.auth.get_logged_user', {
      credentials: 'omit',
      cache: 'no-store',
      headers: { Accept: 'application/json', Authorization: `token ${token}` },
    });
    const { ok, status, statusText } = response;
    const body = (await response.text()).slice(0, 300);
    return { ok, status: `${status} ${statusText}`.trim(), body, milliseconds: took() };
  } catch {
    return { ok: false, status: words.keys.noAnswer, body: words.keys.noAnswerAbout, milliseconds: took() };
  }
}
