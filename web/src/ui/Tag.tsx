import type { ReactNode } from 'react';
import styles from './Tag.module.css';

export function Tag({ accent, children }: { accent?: boolean; children: ReactNode }) {
  return <span className={`${styles.tag} ${accent ? styles.accent : ''}`}>{children}</span>;
}

export function RoleTag({ role }: { role: string }) {
  return <Tag accent={role === 'System Manager'}>{role}</Tag>;
}
