import { TextInput, type TextInputProps } from '@mantine/core';
import { useState } from 'react';

const MAX_LENGTH = 140;

interface Props extends Omit<TextInputProps, 'value' | 'onChange'> {
  value: string | undefined;
  onChange: (text: string) => void;
  /** What of the text may leave the page; else all but secrets. */
  keep?: (text: string) => string;
  /** With each letter. */
  onType?: (text: string) => void;
}

/** What it filters by has to be whole: it does so when one leaves the field, or presses Enter. */
export function TextFilter({ value = '', onChange, keep = noSecrets, onType, ...input }: Props) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setText(value);
  }
  const commit = () => {
    const kept = keep(text.trim());
    setText(kept);
    if (kept !== value) onChange(kept);
  };
  return (
    <TextInput
      maxLength={MAX_LENGTH}
      autoComplete="off"
      spellCheck={false}
      {...input}
      value={text}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        onType?.(currentTarget.value);
      }}
      onBlur={commit}
      onKeyDown={({ key }) => key === 'Enter' && commit()}
    />
  );
}

function noSecrets(text: string): string {
  return text.replace(/\S*lks_\S*/g, '');
}
