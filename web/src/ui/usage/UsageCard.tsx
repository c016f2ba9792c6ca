import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import type { UsageCount } from '../../api.js';
import { loadFile } from '../../load-file.js';
import { number } from '../../words/forms.js';
import { words } from '../../words/index.js';
import { Card } from '../Card.js';
import { ErrorState } from '../ErrorState.js';
import { dayName } from './day-name.js';
import styles from './UsageCard.module.css';
import { sumOf, type UsageOf, usageQuery } from './usage-query.js';

/** A file of its own, which nobody waits for to read the rest. */
const UsageChart = lazy(async () => ({ default: (await loadFile(() => import('./UsageChart.js'))).UsageChart }));

/** How often secrets were used in the last 30 days. It is as high before it is there as after. */
export function UsageCard({ of }: { of: UsageOf }) {
  const { data: days, error, refetch } = useQuery(usageQuery(of));
  return (
    <Card title={words.usage.title} about={days ? summary(days) : words.usage.lastDays} aside={<Legend />}>
      <div className={styles.chart}>
        {days ? (
          <Suspense>
            <UsageChart days={days} />
          </Suspense>
        ) : (
          error && <ErrorState problem={error} onRetry={() => void refetch()} />
        )}
      </div>
      <details className={styles.details}>
        <summary>{words.usage.asTable}</summary>
        {days && <DaysTable days={days} />}
      </details>
    </Card>
  );
}

function summary(days: readonly UsageCount[]): string {
  const { accepted, limited } = sumOf(days);
  return accepted + limited === 0 ? words.usage.none : words.usage.about(words.usage.counts(accepted, limited));
}

function Legend() {
  return (
    <ul className={styles.legend}>
      <li className={styles.accepted}>{words.usage.accepted}</li>
      <li className={styles.limited}>{words.usage.limited}</li>
    </ul>
  );
}

function DaysTable({ days }: { days: readonly UsageCount[] }) {
  return (
    <table className={styles.table}>
      <caption>{words.usage.daysOfUtc}</caption>
      <thead>
        <tr>
          <th scope="col">{words.usage.day}</th>
          <th scope="col">{words.usage.accepted}</th>
          <th scope="col">{words.usage.limited}</th>
        </tr>
      </thead>
      <tbody>
        {days.toReversed().map(({ from, accepted, limited }) => (
          <tr key={from}>
            <th scope="row">{dayName(from)}</th>
            <td>{number(accepted)}</td>
            <td>{number(limited)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
