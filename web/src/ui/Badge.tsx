import type { ReactNode } from 'react';
import styles from './Badge.module.css';

export type Tone = 'ok' | 'warn' | 'bad' | 'neutral';

/** A state: a dot and words, since a state is never colour alone. `hollow` for what is switched off. */
export function Badge({ tone, hollow, children }: { tone: Tone; hollow?: boolean; children: ReactNode }) {
  return <span className={`${styles.badge} ${styles[tone]} ${hollow ? styles.hollow : ''}`}>{children}</span>;
}
