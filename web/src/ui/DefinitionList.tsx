import type { ReactNode } from 'react';
import styles from './DefinitionList.module.css';

/** Terms and what they are, row by row; a row whose value is undefined is left out. */
export function DefinitionList({ rows }: { rows: readonly (readonly [term: string, value: ReactNode])[] }) {
  return (
    <dl className={styles.list}>
      {rows
        .filter(([, value]) => value !== undefined)
        .map(([term, value]) => [<dt key={`${term}?`}>{term}</dt>, <dd key={term}>{value}</dd>])}
    </dl>
  );
}
