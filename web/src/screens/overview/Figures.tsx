import { Link } from '@tanstack/react-router';
import type { KeyFilter, Overview } from '../../api.js';
import { number } from '../../words/forms.js';
import { words } from '../../words/index.js';
import styles from './Figures.module.css';

const FIGURES: [keyof Overview['keys'], KeyFilter][] = [
  ['live', 'live'],
  ['neverUsed', 'never-used'],
  ['dormant', 'unused-90-days'],
  ['expiring', 'expiring'],
  ['revoked', 'revoked'],
];

/** Each leads to the users that it counts: only enabled ones. */
export function Figures({ keys }: Pick<Overview, 'keys'>) {
  return (
    <ul className={styles.figures}>
      {FIGURES.map(([figure, key]) => (
        <li key={figure}>
          <Link to="/users" search={{ key, enabled: true }}>
            <span className={styles.words}>{words.overview.figures[figure].name}</span>
            <span className={styles.number}>{number(keys[figure])}</span>
            <span className={styles.about}>{words.overview.figures[figure].about}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
