import { TextInput, type TextInputProps } from '@mantine/core';
import { useState } from 'react';

const MAX_LENGTH = 140;

interface Props extends Omit<TextInputProps, 'value' | 'onChange'> {
  value: string | undefined;
  onChange: (text: string) => void;
  /** With each letter. */
  onType?: (text: string) => void;
}

/** What it filters by has to be whole: it does so when one leaves the field, or presses Enter. */
export function TextFilter({ value = '', onChange, onType, ...input }: Props) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setText(value);
  }
  const commit = () => {
    if (text.trim() !== value) onChange(text.trim());
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
