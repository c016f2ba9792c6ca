import { Button, NativeSelect, TextInput } from '@mantine/core';
import IconSelector from '@tabler/icons-react/icons/IconSelector';
import IconX from '@tabler/icons-react/icons/IconX';
import { type Ref, useId, useState } from 'react';
import { withoutSecret } from '../../without-secret.js';
import { activityWords } from '../../words/activity.js';
import { words } from '../../words/index.js';
import styles from './ActivityFilters.module.css';
import { PersonFilter } from './PersonFilter.js';
import { TextFilter } from './TextFilter.js';
import type { ActivityAddress } from './use-activity-address.js';

const EVENTS = [
  { value: '', label: activityWords.anyEvent },
  ...Object.entries(words.activity.events).map(([value, label]) => ({ value, label })),
];

interface Props {
  address: ActivityAddress;
  /** Takes the focus when the button that clears all of them is gone. */
  ref: Ref<HTMLElement>;
  onClear: () => void;
}

export function ActivityFilters({ address: { search, filtered, change }, ref, onClear }: Props) {
  const { user, event, from, to, apiKey, secretId, address, credential } = search;
  const [wantsMore, setWantsMore] = useState(false);
  const id = useId();
  const usesMore = [apiKey, secretId, address, credential].some((value) => value !== undefined);
  const more = wantsMore || usesMore;
  return (
    <search ref={ref} tabIndex={-1} className={styles.filters} aria-label={words.activity.title}>
      <div className={styles.fields}>
        <PersonFilter value={user} onChange={(name) => change({ user: name })} />
        <NativeSelect
          label={activityWords.event}
          data={EVENTS}
          value={event ?? ''}
          onChange={({ currentTarget }) => change({ event: currentTarget.value })}
          rightSection={<IconSelector size={16} aria-hidden="true" />}
        />
        <DayFilter label={activityWords.from} value={from} max={to} onChange={(day) => change({ from: day })} />
        <DayFilter label={activityWords.to} value={to} min={from} onChange={(day) => change({ to: day })} />
      </div>
      <div id={id} className={styles.more} hidden={!more}>
        <TextFilter
          label={activityWords.keyOrSecret}
          value={secretId ?? apiKey}
          keep={withoutSecret}
          onChange={(text) =>
            change(text.startsWith('lk_') ? { apiKey: text, secretId: '' } : { apiKey: '', secretId: text })
          }
        />
        <TextFilter label={activityWords.address} value={address} onChange={(text) => change({ address: text })} />
        <TextFilter
          label={activityWords.credential}
          value={credential}
          onChange={(text) => change({ credential: text })}
        />
      </div>
      <div className={styles.end}>
        {!usesMore && (
          <Button
            variant="subtle"
            size="compact-sm"
            aria-expanded={more}
            aria-controls={id}
            onClick={() => setWantsMore(!wantsMore)}
          >
            {more ? activityWords.fewer : activityWords.more}
          </Button>
        )}
        {filtered && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconX size={15} aria-hidden="true" />}
            onClick={onClear}
          >
            {activityWords.clear}
          </Button>
        )}
      </div>
    </search>
  );
}

interface DayProps {
  label: string;
  value: string | undefined;
  min?: string | undefined;
  max?: string | undefined;
  onChange: (day: string) => void;
}

/** What is typed stays in the field, also while it is no day yet. */
function DayFilter({ label, value = '', min, max, onChange }: DayProps) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setText(value);
  }
  return (
    <TextInput
      type="date"
      label={label}
      value={text}
      min={min}
      max={max}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        if (currentTarget.value === '' ? currentTarget.validity.valid : currentTarget.value >= '2000') {
          onChange(currentTarget.value);
        }
      }}
    />
  );
}
