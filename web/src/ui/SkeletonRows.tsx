import { words } from '../words/index.js';
import styles from './SkeletonRows.module.css';

const WIDTHS = ['26%', '18%', '14%', '10%'];

/** Grey rows while a list is loading. */
export function SkeletonRows({ rows = 8 }: { rows?: number }) {
  return (
    <output className={styles.rows} aria-label={words.ui.loading}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={styles.row} aria-hidden="true">
          <span className={styles.disc} />
          {WIDTHS.map((width) => (
            <span key={width} className={styles.bar} style={{ width }} />
          ))}
        </div>
      ))}
    </output>
  );
}
