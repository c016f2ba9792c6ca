import { useQuery } from '@tanstack/react-query';
import type { UsageCount } from '../../api.js';
import { words } from '../../words/index.js';
import styles from './Sparkline.module.css';
import { sumOf, usageQuery } from './usage-query.js';

const STEP = 3;
const BAR = 2;
const HEIGHT = 24;

/** How often one secret was used in the last 30 days: in words, and a bar for each day beside them. */
export function Sparkline({ secretId }: { secretId: string }) {
  const { data: days, isError } = useQuery(usageQuery({ secretId }));
  if (isError) return words.ui.notLoaded;
  if (days === undefined) return null;
  const { accepted, limited } = sumOf(days);
  if (accepted + limited === 0) return <span className={styles.row}>{words.usage.none}</span>;
  return (
    <span className={styles.row}>
      <Bars days={days} />
      {words.usage.counts(accepted, limited)}
    </span>
  );
}

function Bars({ days }: { days: readonly UsageCount[] }) {
  const most = Math.max(...days.map(({ accepted, limited }) => accepted + limited));
  const high = (count: number) => (count === 0 ? 0 : Math.max(1.5, (count / most) * HEIGHT));
  return (
    <svg className={styles.bars} width={days.length * STEP} height={HEIGHT} aria-hidden="true">
      {days.map(({ from, accepted, limited }, i) => {
        const all = high(accepted + limited);
        const kept = limited === 0 ? 0 : Math.max(1.5, (limited / most) * HEIGHT);
        return (
          <g key={from}>
            <rect className={styles.accepted} x={i * STEP} y={HEIGHT - all} width={BAR} height={all} />
            <rect className={styles.limited} x={i * STEP} y={HEIGHT - all} width={BAR} height={Math.min(all, kept)} />
          </g>
        );
      })}
      <path className={styles.floor} d={`M0 ${HEIGHT - 0.5}H${days.length * STEP}`} />
    </svg>
  );
}
