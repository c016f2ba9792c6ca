import '@mantine/core/styles/Tooltip.layer.css';
import { Tooltip } from '@mantine/core';
import { endTime, exactTime, hasHappened, localTime, relativeTime, timeLeft } from './time-words.js';
import { useNow } from './use-now.js';
import styles from './Time.module.css';

const EVENTS = { hover: true, focus: true, touch: true };

interface Props {
  at: string;
  form?: 'relative' | 'date' | 'end' | 'left';
  /** In a row that is a stop of Tab: it is none of its own. A long list of tooltips would be slow. */
  inRow?: boolean;
}

/** A moment in words, as date and clock in the viewer's zone, or as the time until then; the exact one on hover and on focus. */
export function Time({ at, form = 'relative', inRow = false }: Props) {
  const minute = useNow();
  const moment = Date.parse(at);
  const now = hasHappened(moment) ? Math.max(minute, moment) : minute; // what has happened in this minute is not to come
  const exact = exactTime(moment);
  const forms = {
    relative: () => relativeTime(moment, now, inRow),
    date: () => localTime(moment),
    end: () => endTime(moment),
    left: () => timeLeft(moment, now),
  };
  const time = { className: styles.time, dateTime: at, children: forms[form]() };
  if (inRow) return <time {...time} title={exact} />;
  return (
    <Tooltip label={exact} events={EVENTS}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the exact time is for the keyboard too */}
      <time {...time} tabIndex={0} />
    </Tooltip>
  );
}
