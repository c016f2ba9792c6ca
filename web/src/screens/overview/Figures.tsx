import { Link } from '@tanstack/react-router';
import type { KeyFilter, Overview } from '../../api.js';
import styles from './Figures.module.css';

const FIGURES: [keyof Overview['keys'], string, string, KeyFilter][] = [
  ['live', 'Live keys', 'can call the API now', 'live'],
  ['neverUsed', 'Never used', 'generated, but no request yet', 'never-used'],
  ['dormant', 'Dormant', 'no request for 90 days', 'unused-90-days'],
  ['expiring', 'Expiring soon', 'within 30 days', 'expiring'],
  ['revoked', 'Revoked or expired', 'no request gets in', 'revoked'],
];

/** Each leads to the users that it counts: only enabled ones. */
export function Figures({ keys }: Pick<Overview, 'keys'>) {
  return (
    <ul className={styles.figures}>
      {FIGURES.map(([figure, words, about, key]) => (
        <li key={figure}>
          <Link to="/users" search={{ key, enabled: true }}>
            <span className={styles.words}>{words}</span>
            <span className={styles.number}>{keys[figure].toLocaleString('en')}</span>
            <span className={styles.about}>{about}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
