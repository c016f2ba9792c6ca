import '@mantine/core/styles/CloseButton.layer.css';
import { Button, CloseButton, Input, NativeSelect, TextInput, type TextInputProps } from '@mantine/core';
import { useEffect, useId, useRef } from 'react';
import { type Unit, UNIT_NAMES, UNITS } from '../../../ui/rate-limits.js';
import { words } from '../../../words/index.js';
import type { LimitDraft } from './secret-draft.js';
import styles from './SecretForm.module.css';

/** The server takes no more. */
const MOST = 4;
const MOST_REQUESTS = 1_000_000_000;
const MOST_SECONDS = 2_678_400; // 31 days

interface Props {
  value: readonly LimitDraft[];
  onChange: (value: LimitDraft[]) => void;
  /** What the server says. */
  error: string | undefined;
}

/** How often a secret may be used: a row for each window. */
export function LimitsField({ value, onChange, error }: Props) {
  const [about, problem] = [useId(), useId()];
  const field = useRef<HTMLFieldSetElement>(null);
  const before = useRef(value.length);
  // The focus goes to a row that is new, and does not get lost with the last one.
  useEffect(() => {
    const [had, has] = [before.current, value.length];
    before.current = has;
    if (has > had && document.activeElement !== document.body) {
      field.current?.querySelector<HTMLElement>(':scope > fieldset:last-of-type input')?.focus();
    } else if (has < had && document.activeElement === document.body) {
      field.current?.querySelector<HTMLElement>(':scope > button')?.focus();
    }
  }, [value.length]);
  const set = (index: number, changes: Partial<LimitDraft>) =>
    onChange(value.map((limit, i) => (i === index ? { ...limit, ...changes } : limit)));
  return (
    <fieldset ref={field} className={styles.limits} aria-describedby={`${about} ${problem}`}>
      <legend>{words.secrets.limits}</legend>
      {value.map((limit, i) => (
        <fieldset key={i} aria-label={words.secrets.limitOf(i + 1)} className={styles.limit}>
          <WholeNumber
            aria-label={words.secrets.requests}
            max={MOST_REQUESTS}
            value={limit.requests}
            onChange={({ currentTarget }) => set(i, { requests: currentTarget.value })}
            error={error !== undefined}
          />
          <span aria-hidden="true">{words.secrets.requestsPer}</span>
          <WholeNumber
            aria-label={words.secrets.windowLength}
            max={MOST_SECONDS / UNITS[limit.unit]}
            value={limit.length}
            onChange={({ currentTarget }) => set(i, { length: currentTarget.value })}
            error={error !== undefined}
          />
          <NativeSelect
            aria-label={words.secrets.windowUnit}
            data={UNIT_NAMES.map((unit) => ({ value: unit, label: words.secrets.units(Number(limit.length), unit) }))}
            value={limit.unit}
            onChange={({ currentTarget }) => set(i, { unit: currentTarget.value as Unit })}
          />
          <CloseButton
            aria-label={words.secrets.removeLimit(i + 1)}
            onClick={() => onChange(value.filter((_, other) => other !== i))}
          />
        </fieldset>
      ))}
      {value.length < MOST && (
        <Button variant="default" size="xs" onClick={() => onChange([...value, nextTo(value)])}>
          {words.secrets.addLimit}
        </Button>
      )}
      <Input.Description id={about}>{words.secrets.limitsAbout}</Input.Description>
      {error !== undefined && <Input.Error id={problem}>{error}</Input.Error>}
    </fieldset>
  );
}

/** The browser says what is wrong with one number, the server what is wrong with several limits. */
function WholeNumber(props: TextInputProps) {
  return <TextInput type="number" min={1} step={1} required autoComplete="off" {...props} />;
}

/** A minute; below others the unit after the last one's. */
function nextTo(limits: readonly LimitDraft[]): LimitDraft {
  const last = limits.at(-1);
  const unit = last === undefined ? 'minute' : (UNIT_NAMES[UNIT_NAMES.indexOf(last.unit) + 1] ?? 'day');
  return { requests: '', length: '1', unit };
}
