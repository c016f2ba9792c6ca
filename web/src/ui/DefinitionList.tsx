import { Fragment, type ReactNode } from 'react';
import styles from './DefinitionList.module.css';

/** Terms and what they are, row by row; a row whose value is undefined is left out. */
export function DefinitionList({ rows }: { rows: Readonly<Record<string, ReactNode>> }) {
  return (
    <dl className={styles.list}>
      {Object.entries(rows)
        .filter(([, value]) => value !== undefined)
        .map(([term, value]) => (
          <Fragment key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
    </dl>
  );
}
