import { Button, type ButtonProps, UnstyledButton } from '@mantine/core';
import IconCheck from '@tabler/icons-react/icons/IconCheck';
import IconCopy from '@tabler/icons-react/icons/IconCopy';
import { useEffect, useState } from 'react';
import { words } from '../words/index.js';
import { announce } from './announce.js';
import styles from './CopyButton.module.css';

interface Props {
  text: string;
  /** What is copied. */
  what: { readonly name: string; readonly copy: string; readonly copied: string };
  /** Words on the button; without them it is an icon. */
  children?: string;
  onCopied?: () => void;
  button?: ButtonProps & { 'data-autofocus'?: boolean };
}

/** Copies, and says so where it was asked. Without a clipboard (no https) it shows the text selected, to copy by hand. */
export function CopyButton({ text, what, children, onCopied, button }: Props) {
  const [state, setState] = useState<'idle' | 'copied' | 'by hand'>('idle');
  useEffect(() => {
    if (state !== 'copied') return;
    const timer = window.setTimeout(() => setState('idle'), 2000);
    return () => window.clearTimeout(timer);
  }, [state]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
      announce(what.copied);
      onCopied?.();
    } catch {
      setState('by hand');
    }
  };
  if (state === 'by hand') return <ByHand text={text} what={what} onCopied={onCopied} />;
  const icon = state === 'copied' ? <IconCheck size={18} /> : <IconCopy size={18} />;
  if (children !== undefined)
    return (
      <Button {...button} leftSection={icon} onClick={copy}>
        {state === 'copied' ? words.ui.copied : children}
      </Button>
    );
  const look = `${styles.icon} ${state === 'copied' ? styles.done : ''}`;
  return (
    <UnstyledButton className={look} aria-label={what.copy} title={what.copy} onClick={copy}>
      {icon}
    </UnstyledButton>
  );
}

function ByHand({ text, what, onCopied }: Pick<Props, 'text' | 'what' | 'onCopied'>) {
  return (
    <span className={styles['by-hand']}>
      <textarea
        readOnly
        rows={text.split('\n').length}
        value={text}
        aria-label={what.name}
        ref={selectAll}
        onFocus={({ currentTarget }) => currentTarget.select()}
        onCopy={onCopied}
      />
      <output>{howToCopy()}</output>
    </span>
  );
}

function selectAll(field: HTMLTextAreaElement | null): void {
  field?.focus();
  field?.select();
}

function howToCopy(): string {
  if (window.matchMedia('(pointer: coarse)').matches) return words.ui.selectAndCopy;
  return words.ui.press(navigator.platform.startsWith('Mac') ? '⌘C' : 'Ctrl+C');
}
