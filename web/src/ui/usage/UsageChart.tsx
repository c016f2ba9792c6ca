import { useElementSize } from '@mantine/hooks';
import type { UsageCount } from '../../api.js';
import { compactNumber } from '../../words/forms.js';
import { words } from '../../words/index.js';
import { levelsFor } from './chart-scale.js';
import { stackOf } from './chart-stack.js';
import { dayName } from './day-name.js';
import styles from './UsageChart.module.css';
import { useDayPicker } from './use-day-picker.js';

const HEIGHT = 248;
const TOP = 8;
const LEFT = 42;
const BOTTOM = HEIGHT - 28;
const LABEL_WIDTH = 58;
/** Of the width of a day: the rest is space between the bars. */
const BAR = 0.74;

/** Bars of days. The arrow keys walk through the days like the steps of a slider, and each is read. */
export function UsageChart({ days }: { days: readonly UsageCount[] }) {
  const { ref, width } = useElementSize();
  const levels = levelsFor(Math.max(4, ...days.map(({ accepted, limited }) => accepted + limited)));
  const y = (value: number) => BOTTOM - (value / levels.at(-1)!) * (BOTTOM - TOP);
  const step = Math.max(0, width - LEFT) / days.length;
  const x = (index: number) => LEFT + index * step;
  const every = step === 0 ? Infinity : Math.ceil(LABEL_WIDTH / step);
  const picker = useDayPicker(days, (offset) => Math.floor((offset - LEFT) / step));
  const { picked } = picker;
  return (
    <div ref={ref} className={styles.chart}>
      <svg className={styles.svg} width={width} height={HEIGHT} {...picker.slider}>
        {levels.map((level) => (
          <g key={level}>
            <path className={styles.grid} d={`M${LEFT} ${y(level)}H${width}`} />
            <text className={styles.label} x={LEFT - 10} y={y(level)} dy="0.32em" textAnchor="end">
              {compactNumber(level)}
            </text>
          </g>
        ))}
        {picked !== undefined && (
          <rect className={styles.picked} x={x(picked)} y={TOP} width={step} height={BOTTOM - TOP} />
        )}
        {days.map((day, i) => (
          <g key={day.from}>
            {stackOf(day, y).map(({ series, ...box }) => (
              <rect
                key={series}
                className={styles[series]}
                x={x(i) + (step * (1 - BAR)) / 2}
                width={step * BAR}
                rx={2}
                {...box}
              />
            ))}
            {(days.length - 1 - i) % every === 0 && (
              <text className={styles.label} x={x(i) + step / 2} y={BOTTOM + 20} textAnchor="middle">
                {dayName(day.from)}
              </text>
            )}
          </g>
        ))}
      </svg>
      {picked !== undefined && <Tip day={days[picked]!} at={x(picked) + step / 2} width={width} />}
    </div>
  );
}

/** On the side of the day where there is more room. */
function Tip({ day: { from, accepted, limited }, at, width }: { day: UsageCount; at: number; width: number }) {
  const side = at < width / 2 ? { left: at + 14 } : { right: width - at + 14 };
  return (
    <div className={styles.tip} style={side} aria-hidden="true">
      <b>{dayName(from)}</b>
      <span>{words.usage.countAccepted(accepted)}</span>
      <span>{words.usage.countLimited(limited)}</span>
    </div>
  );
}
