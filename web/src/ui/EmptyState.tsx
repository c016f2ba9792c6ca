import type { ReactNode } from 'react';
import { KeyGlyph } from './KeyGlyph.js';
import styles from './EmptyState.module.css';

interface Props {
  title: string;
  about: ReactNode;
  action?: ReactNode;
  apiKey?: string;
}

/** What stands where there is nothing: a pale key, what that means, and the way on. */
export function EmptyState({ title, about, action, apiKey }: Props) {
  return (
    <div className={styles.empty}>
      <KeyGlyph tone="pale" width={112} apiKey={apiKey} />
      <p className={styles.title}>{title}</p>
      <p className={styles.about}>{about}</p>
      {action !== undefined && <div className={styles.action}>{action}</div>}
    </div>
  );
}
