import { Fragment, type ReactNode } from 'react';
import styles from './DefinitionList.module.css';

interface Row {
  readonly term: string;
  readonly value: ReactNode;
}

/** Terms and what they are, row by row; a row whose value is undefined is left out. */
export function DefinitionList({ rows }: { rows: readonly Row[] }) {
  return (
    <dl className={styles.list}>
      {rows
        .filter(({ value }) => value !== undefined)
        .map(({ term, value }) => (
          <Fragment key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
    </dl>
  );
}
