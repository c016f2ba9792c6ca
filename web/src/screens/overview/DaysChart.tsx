import { useElementSize } from '@mantine/hooks';
import { scaleBand, scaleLinear } from '@visx/scale';
import { Bar } from '@visx/shape';
import type { Overview } from '../../api.js';
import { number } from '../../words/forms.js';
import { words } from '../../words/index.js';
import { stackOf } from './chart-stack.js';
import { dayName } from './day-name.js';
import styles from './DaysChart.module.css';
import { useDayPicker } from './use-day-picker.js';

const HEIGHT = 248;
const TOP = 8;
const LEFT = 34;
const BOTTOM = HEIGHT - 28;
const LABEL_WIDTH = 58;

/** Bars of days. The arrow keys walk through the days like the steps of a slider, and each is read. */
export function DaysChart({ days }: Pick<Overview, 'days'>) {
  const { ref, width } = useElementSize();
  const x = scaleBand({ domain: days.map(({ date }) => date), range: [LEFT, Math.max(LEFT, width)], padding: 0.26 });
  const y = scaleLinear({
    domain: [0, Math.max(4, ...days.map((day) => day.generated + day.revoked))],
    range: [BOTTOM, TOP],
    nice: 4,
  });
  const levels = y.ticks(4).filter(Number.isInteger);
  const every = Math.max(1, Math.ceil(LABEL_WIDTH / x.step()));
  const picker = useDayPicker(days, (offset) => Math.floor((offset - LEFT) / x.step()));
  const { picked } = picker;
  return (
    <div ref={ref} className={styles.chart}>
      <svg className={styles.svg} width={width} height={HEIGHT} {...picker.slider}>
        {levels.map((level) => (
          <path key={level} className={styles.grid} d={`M${LEFT} ${y(level)}H${width}`} />
        ))}
        {picked !== undefined && (
          <Bar
            className={styles.picked}
            x={x(picked.date)! - (x.step() - x.bandwidth()) / 2}
            y={TOP}
            width={x.step()}
            height={BOTTOM - TOP}
          />
        )}
        {days.flatMap((day) =>
          stackOf(day, y).map(({ series, ...box }) => (
            <Bar
              key={day.date + series}
              className={styles[series]}
              x={x(day.date)!}
              width={x.bandwidth()}
              rx={2}
              {...box}
            />
          )),
        )}
        {levels.map((level) => (
          <text key={level} className={styles.label} x={LEFT - 18} y={y(level)} dy="0.32em" textAnchor="end">
            {number(level)}
          </text>
        ))}
        {days
          .filter((_, index) => (days.length - 1 - index) % every === 0)
          .map(({ date }) => (
            <text
              key={date}
              className={styles.label}
              x={x(date)! + x.bandwidth() / 2}
              y={HEIGHT - 6}
              textAnchor="middle"
            >
              {dayName(date)}
            </text>
          ))}
      </svg>
      {picked !== undefined && (
        <div className={styles.tip} style={placed(x(picked.date)! + x.bandwidth() / 2, width)} aria-hidden="true">
          <b>{dayName(picked.date)}</b>
          <span>{words.overview.countGenerated(picked.generated)}</span>
          <span>{words.overview.countRevoked(picked.revoked)}</span>
        </div>
      )}
    </div>
  );
}

/** On the side of the day where there is more room. */
function placed(at: number, width: number) {
  return at < width / 2 ? { left: at + 14 } : { right: width - at + 14 };
}
