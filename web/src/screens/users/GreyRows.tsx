import styles from './GreyRows.module.css';

const ROWS = 8;

/** In the columns of the table, so that nothing moves when the users come. */
export function GreyRows() {
  return Array.from({ length: ROWS }, (_, row) => (
    <tr key={row} aria-hidden="true">
      <td>
        <div className={styles.who}>
          <span className={styles.disc} />
          <Bar width={165} />
        </div>
      </td>
      <td>
        <Bar width={90} />
      </td>
      <td>
        <Bar width={120} />
      </td>
      <td data-empty>
        <Bar width={70} />
      </td>
      <td data-empty>
        <Bar width={70} />
      </td>
      <td data-empty>
        <Bar width={70} />
      </td>
      <td data-empty>
        <Bar width={60} />
      </td>
    </tr>
  ));
}

function Bar({ width }: { width: number }) {
  return <div className={styles.bar} style={{ width }} />;
}
