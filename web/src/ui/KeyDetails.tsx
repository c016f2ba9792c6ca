import type { ApiKey } from '../api.js';
import { words } from '../words/index.js';
import { CopyButton } from './CopyButton.js';
import { DefinitionList } from './DefinitionList.js';
import { Done } from './Done.js';
import { isGood } from './key-state.js';
import { KeyGlyph } from './KeyGlyph.js';
import { useNow } from './use-now.js';
import styles from './KeyDetails.module.css';

/** A key; its secrets are apart. */
export function KeyDetails({ apiKey: { apiKey, createdAt, createdBy, secrets } }: { apiKey: ApiKey }) {
  const now = useNow();
  const good = secrets.some((secret) => isGood(secret, now));
  return (
    <>
      <div className={styles.key}>
        <KeyGlyph apiKey={apiKey} width={86} tone={good ? 'accent' : 'dull'} />
        <div className={styles.words}>
          <p className={styles.label}>{words.key.apiKey}</p>
          <code>{apiKey}</code>
        </div>
        <CopyButton text={apiKey} what={words.ui.copy.apiKey} />
      </div>
      <DefinitionList rows={[{ term: words.key.created, value: <Done at={createdAt} by={createdBy} /> }]} />
    </>
  );
}
