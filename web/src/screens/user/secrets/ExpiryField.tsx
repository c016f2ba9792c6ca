import { NativeSelect, TextInput } from '@mantine/core';
import { words } from '../../../words/index.js';
import { type Expiry, LIFETIMES, type SecretDraft } from './secret-draft.js';
import styles from './SecretForm.module.css';

interface Props {
  draft: SecretDraft;
  onChange: (changes: Pick<SecretDraft, 'expiry' | 'day'>) => void;
  /** The words for leaving it as it is, where that is a choice. */
  same: string | undefined;
  error: string | undefined;
}

export function ExpiryField({ draft: { expiry, day }, onChange, same, error }: Props) {
  const choices: { value: Expiry; label: string }[] = [
    ...(same === undefined ? [] : [{ value: 'same' as const, label: same }]),
    ...LIFETIMES.map((days) => ({ value: `${days}` as const, label: words.secrets.expiresIn(days) })),
    { value: 'day', label: words.secrets.expiresOn },
    { value: 'never', label: words.ui.never },
  ];
  return (
    <div className={styles.pair}>
      <NativeSelect
        label={words.key.expires}
        data={choices}
        value={expiry}
        onChange={({ currentTarget: { value } }) => onChange({ expiry: value as Expiry, day })}
        error={expiry === 'day' ? undefined : error}
      />
      {expiry === 'day' && (
        <TextInput
          type="date"
          label={words.secrets.lastDay}
          value={day}
          min={today()}
          required
          withAsterisk={false}
          onChange={({ currentTarget: { value } }) => onChange({ expiry, day: value })}
          error={error}
        />
      )}
    </div>
  );
}

/** As an input of type `date` has it, where the viewer is. */
function today(): string {
  const now = new Date();
  const part = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${part(now.getMonth() + 1)}-${part(now.getDate())}`;
}
