import { lazy, Suspense } from 'react';
import type { Overview } from '../../api.js';
import { loadFile } from '../../load-file.js';
import { Card } from '../../ui/Card.js';
import { number } from '../../words/forms.js';
import { words } from '../../words/index.js';
import { dayName } from './day-name.js';
import styles from './DaysCard.module.css';

/** A file of its own, which nobody waits for to read the figures. */
const DaysChart = lazy(async () => ({ default: (await loadFile(() => import('./DaysChart.js'))).DaysChart }));

export function DaysCard({ days }: Pick<Overview, 'days'>) {
  return (
    <Card title={words.overview.days} about={summary(days)} aside={<Legend />}>
      <div className={styles.chart}>
        <Suspense>
          <DaysChart days={days} />
        </Suspense>
      </div>
      <details className={styles.details}>
        <summary>{words.overview.asTable}</summary>
        <DaysTable days={days} />
      </details>
    </Card>
  );
}

function summary(days: Overview['days']): string {
  const sum = (series: 'generated' | 'revoked') => days.reduce((total, day) => total + day[series], 0);
  return words.overview.daysAbout(days.length, sum('generated'), sum('revoked'));
}

function Legend() {
  return (
    <ul className={styles.legend}>
      <li className={styles.generated}>{words.overview.generated}</li>
      <li className={styles.revoked}>{words.overview.revoked}</li>
    </ul>
  );
}

function DaysTable({ days }: Pick<Overview, 'days'>) {
  return (
    <table className={styles.table}>
      <caption>{words.overview.daysOfUtc}</caption>
      <thead>
        <tr>
          <th scope="col">{words.overview.day}</th>
          <th scope="col">{words.overview.generated}</th>
          <th scope="col">{words.overview.revoked}</th>
        </tr>
      </thead>
      <tbody>
        {days.toReversed().map(({ date, generated, revoked }) => (
          <tr key={date}>
            <th scope="row">{dayName(date)}</th>
            <td>{number(generated)}</td>
            <td>{number(revoked)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
