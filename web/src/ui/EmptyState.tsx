import type { ReactNode } from 'react';
import { KeyGlyph } from './KeyGlyph.js';
import { Heading } from './PageHeading.js';
import styles from './EmptyState.module.css';

interface Props {
  title: string;
  about: ReactNode;
  action?: ReactNode;
  apiKey?: string;
  /** It is all that the screen has: its title is the h1. */
  page?: boolean;
}

/** What stands where there is nothing: a pale key, what that means, and the way on. */
export function EmptyState({ title, about, action, apiKey, page }: Props) {
  return (
    <div className={styles.empty}>
      <KeyGlyph tone="pale" width={112} apiKey={apiKey} />
      {page ? <Heading className={styles.title} title={title} /> : <p className={styles.title}>{title}</p>}
      <p className={styles.about}>{about}</p>
      {action !== undefined && <div className={styles.action}>{action}</div>}
    </div>
  );
}
