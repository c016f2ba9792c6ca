import type { ApiKey } from '../api.js';
import { useMe } from '../session.js';
import { CopyButton } from './CopyButton.js';
import { DefinitionList } from './DefinitionList.js';
import { keyState, summaryOf } from './key-state.js';
import { KeyGlyph } from './KeyGlyph.js';
import { StateBadge } from './StateBadge.js';
import { Time } from './Time.js';
import { useNow } from './use-now.js';
import styles from './KeyDetails.module.css';

/** A key, and the newest of its secrets. */
export function KeyDetails({ apiKey: key }: { apiKey: ApiKey }) {
  const summary = summaryOf(key);
  const state = keyState(summary, useNow());
  const newest = key.secrets[0];
  return (
    <>
      <div className={styles.key}>
        <KeyGlyph
          apiKey={key.apiKey}
          width={86}
          tone={state === 'revoked' || state === 'expired' ? 'dull' : 'accent'}
        />
        <div className={styles.words}>
          <p className={styles.label}>API Key</p>
          <code>{key.apiKey}</code>
        </div>
        <CopyButton text={key.apiKey} what="API key" />
      </div>
      <DefinitionList
        rows={{
          Secret: (
            <>
              <StateBadge value={summary} />
              {newest && (
                <span className={styles.hint}>
                  ends in <code>{newest.hint}</code>
                </span>
              )}
            </>
          ),
          'Secret made': newest && <Made at={newest.createdAt} by={newest.createdBy} />,
          Revoked: newest?.revokedAt ? <Made at={newest.revokedAt} by={newest.revokedBy} /> : undefined,
          Expires: newest && expiry(newest),
          // Of this secret, as the badge says it: an older one may have been used.
          'Last used': newest && (newest.lastUsedAt === null ? 'Never' : <Time at={newest.lastUsedAt} />),
          'Key made': <Made at={key.createdAt} by={key.createdBy} />,
        }}
      />
    </>
  );
}

function Made({ at, by }: { at: string; by: string | null }) {
  const { name } = useMe();
  const who = by === name ? 'you' : by === 'command' ? 'the command line' : by;
  return (
    <>
      <Time at={at} form="date" />
      {who !== null && <span className={styles.by}> by {who}</span>}
    </>
  );
}

function expiry({ expiresAt, revokedAt }: ApiKey['secrets'][number]) {
  if (revokedAt !== null) return undefined;
  return expiresAt === null ? 'Never' : <Time at={expiresAt} form="date" />;
}
