import IconBan from '@tabler/icons-react/icons/IconBan';
import IconChevronDown from '@tabler/icons-react/icons/IconChevronDown';
import IconHistory from '@tabler/icons-react/icons/IconHistory';
import IconKey from '@tabler/icons-react/icons/IconKey';
import IconLock from '@tabler/icons-react/icons/IconLock';
import IconShield from '@tabler/icons-react/icons/IconShield';
import IconUserCircle from '@tabler/icons-react/icons/IconUserCircle';
import { UnstyledButton } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { AuditEvent, AuditRecord } from '../../api.js';
import { loadFile } from '../../load-file.js';
import { useMe } from '../../session.js';
import { activityWords } from '../../words/activity.js';
import { exactTime } from '../time-words.js';
import { useNow } from '../use-now.js';
import styles from './ActivityList.module.css';
import { byDay, clock, dayName } from './days.js';
import { type Known, Sentence } from './told.js';

const RowDetails = lazy(async () => ({ default: (await loadFile(() => import('./RowDetails.js'))).RowDetails }));

/** By the first part of an event. */
const ICONS: Record<string, typeof IconKey> = {
  user: IconUserCircle,
  secret: IconKey,
  password: IconLock,
  session: IconUserCircle,
  audit: IconHistory,
};
/** They take something away, or were refused. */
const BAD: readonly AuditEvent[] = [
  'user.disabled',
  'user.deleted',
  'secret.revoked',
  'session.refused',
  'secret.refused_address',
  'limit.reached',
];

interface Props {
  records: readonly AuditRecord[];
  /** Of the headings of days. */
  level: 2 | 3;
  known?: Known | undefined;
}

/** What has happened, day by day, a sentence each, with the details on demand. */
export function ActivityList({ records, level, known }: Props) {
  const now = useNow();
  const Heading = `h${level}` as const;
  return byDay(records).map(({ day, records: ofDay }) => (
    <div key={day} className={styles.day}>
      <Heading className={styles.heading}>{dayName(day, now)}</Heading>
      <ul className={styles.list}>
        {ofDay.map((record) => (
          <Row key={record.n} record={record} known={known} />
        ))}
      </ul>
    </div>
  ));
}

function Row({ record, known }: { record: AuditRecord; known: Known | undefined }) {
  const me = useMe();
  const [opened, setOpened] = useState(false);
  const isBad = BAD.includes(record.event);
  const Icon = /refused|limit/.test(record.event) ? IconBan : (ICONS[record.event.split('.')[0]!] ?? IconShield);
  const [row, sentence, details] = [rowId(record), `${rowId(record)}-what`, `${rowId(record)}-details`];
  return (
    <li className={styles.row}>
      <time className={styles.time} dateTime={record.at} title={exactTime(Date.parse(record.at))}>
        {clock(record.at)}
      </time>
      <span className={`${styles.icon} ${isBad ? styles.bad : ''}`}>
        <Icon size={17} aria-hidden="true" />
      </span>
      <span id={sentence} className={styles.what}>
        <Sentence record={record} me={me} known={known} />
      </span>
      <UnstyledButton
        id={row}
        className={styles.opener}
        aria-label={activityWords.details}
        aria-labelledby={`${row} ${sentence}`}
        aria-expanded={opened}
        aria-controls={details}
        onClick={() => setOpened(!opened)}
      >
        <IconChevronDown size={18} aria-hidden="true" />
      </UnstyledButton>
      <div id={details} className={styles.details} hidden={!opened}>
        {opened && (
          <Suspense>
            <RowDetails record={record} known={known} />
          </Suspense>
        )}
      </div>
    </li>
  );
}

/** Of the button that opens the details of a row. */
export function rowId({ n }: AuditRecord): string {
  return `row-${n}`;
}
