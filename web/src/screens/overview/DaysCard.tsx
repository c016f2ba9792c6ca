import { lazy, Suspense } from 'react';
import type { Overview } from '../../api.js';
import { loadFile } from '../../load-file.js';
import { Card } from '../../ui/Card.js';
import { dayName } from './day-name.js';
import styles from './DaysCard.module.css';

/** A file of its own, which nobody waits for to read the figures. */
const DaysChart = lazy(async () => ({ default: (await loadFile(() => import('./DaysChart.js'))).DaysChart }));

export function DaysCard({ days }: Pick<Overview, 'days'>) {
  return (
    <Card title="Secrets generated and revoked" about={summary(days)} aside={<Legend />}>
      <div className={styles.chart}>
        <Suspense>
          <DaysChart days={days} />
        </Suspense>
      </div>
      <details className={styles.details}>
        <summary>Show as a table</summary>
        <DaysTable days={days} />
      </details>
    </Card>
  );
}

function summary(days: Overview['days']): string {
  const sum = (series: 'generated' | 'revoked') =>
    days.reduce((total, day) => total + day[series], 0).toLocaleString('en');
  return `Last ${days.length} days: ${sum('generated')} generated, ${sum('revoked')} revoked`;
}

function Legend() {
  return (
    <ul className={styles.legend}>
      <li className={styles.generated}>Generated</li>
      <li className={styles.revoked}>Revoked</li>
    </ul>
  );
}

function DaysTable({ days }: Pick<Overview, 'days'>) {
  return (
    <table className={styles.table}>
      <caption>Days are those of UTC.</caption>
      <thead>
        <tr>
          <th scope="col">Day</th>
          <th scope="col">Generated</th>
          <th scope="col">Revoked</th>
        </tr>
      </thead>
      <tbody>
        {days.toReversed().map(({ date, generated, revoked }) => (
          <tr key={date}>
            <th scope="row">{dayName(date)}</th>
            <td>{generated}</td>
            <td>{revoked}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
