import type { ApiKey } from '../api.js';
import { useMe } from '../session.js';
import { words } from '../words/index.js';
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
          <p className={styles.label}>{words.key.apiKey}</p>
          <code>{key.apiKey}</code>
        </div>
        <CopyButton text={key.apiKey} what={words.ui.copy.apiKey} />
      </div>
      <DefinitionList
        rows={[
          {
            term: words.key.secret,
            value: (
              <>
                <StateBadge value={summary} />
                {newest && <span className={styles.hint}>{words.key.endsIn(<code>{newest.hint}</code>)}</span>}
              </>
            ),
          },
          { term: words.key.secretCreated, value: newest && <Done at={newest.createdAt} by={newest.createdBy} /> },
          {
            term: words.key.revokedAt,
            value: newest?.revokedAt ? <Done at={newest.revokedAt} by={newest.revokedBy} /> : undefined,
          },
          { term: words.key.expires, value: newest && expiry(newest) },
          // Of this secret, as the badge says it: an older one may have been used.
          {
            term: words.key.lastUsed,
            value: newest && (newest.lastUsedAt === null ? words.ui.never : <Time at={newest.lastUsedAt} />),
          },
          { term: words.key.created, value: <Done at={key.createdAt} by={key.createdBy} /> },
        ]}
      />
    </>
  );
}

function Done({ at, by }: { at: string; by: string | null }) {
  const { name } = useMe();
  const who = by === name ? words.key.you : by === 'command' ? words.key.command : by;
  return (
    <>
      <Time at={at} form="date" />
      {who !== null && <span className={styles.by}> {words.key.by(who)}</span>}
    </>
  );
}

function expiry({ expiresAt, revokedAt }: ApiKey['secrets'][number]) {
  if (revokedAt !== null) return undefined;
  return expiresAt === null ? words.ui.never : <Time at={expiresAt} form="date" />;
}
