import IconAlertTriangle from '@tabler/icons-react/icons/IconAlertTriangle';
import IconClock from '@tabler/icons-react/icons/IconClock';
import type { ReactNode } from 'react';
import styles from './Notice.module.css';

/** A word that matters, where it matters. `bad` is read out at once. */
export function Notice(props: { tone: 'neutral' | 'warn' | 'bad'; title?: string; children: ReactNode }) {
  const { tone, title, children } = props;
  const Icon = tone === 'neutral' ? IconClock : IconAlertTriangle;
  return (
    <div className={`${styles.notice} ${styles[tone] ?? ''}`} role={tone === 'bad' ? 'alert' : undefined}>
      <Icon size={18} aria-hidden="true" />
      <div>
        {title !== undefined && <p className={styles.title}>{title}</p>}
        <div>{children}</div>
      </div>
    </div>
  );
}
