import type { ReactNode } from 'react';
import styles from './Page.module.css';

/** The column of a screen, its parts one below the other. */
export function Page({ narrow, children }: { narrow?: boolean; children: ReactNode }) {
  return <div className={`${styles.page} ${narrow ? styles.narrow : ''}`}>{children}</div>;
}

export function Stack({ children }: { children: ReactNode }) {
  return <div className={styles.stack}>{children}</div>;
}
