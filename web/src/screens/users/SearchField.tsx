import '@mantine/core/styles/CloseButton.layer.css';
import { CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import IconSearch from '@tabler/icons-react/icons/IconSearch';
import { type ClipboardEvent, useEffect, useRef, useState } from 'react';
import { withoutSecret } from '../../without-secret.js';
import { words } from '../../words/index.js';
import styles from './UsersToolbar.module.css';

const PAUSE_MS = 200;
const MAX_LENGTH = 140;

/** Searches as one types; the key / leads here. */
export function SearchField({ value, onSearch }: { value: string; onSearch: (text: string) => void }) {
  const [text, setText] = useState(value);
  const [isSecret, setSecret] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const sent = useRef(value);
  const send = useDebouncedCallback((search: string) => {
    if (search === sent.current) return;
    sent.current = search;
    onSearch(search);
  }, PAUSE_MS);

  useEffect(() => {
    if (value === sent.current) return; // our own words coming back, while more may have been typed
    sent.current = value;
    setText(value);
  }, [value]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  const change = (typed: string) => {
    const search = withoutSecret(typed);
    setText(typed);
    setSecret(typed.trim() !== '' && search === '');
    send(search);
  };
  const paste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData.getData('text').trim();
    const kept = withoutSecret(pasted);
    if (kept === pasted) return;
    event.preventDefault(); // a secret has no place in the field either
    change(kept);
    setSecret(kept === '');
  };
  const clear = () => {
    change('');
    input.current?.focus();
  };
  return (
    <TextInput
      className={styles.search}
      ref={input}
      type="search"
      aria-label={words.users.search}
      aria-keyshortcuts="/"
      placeholder={words.users.search}
      maxLength={MAX_LENGTH}
      autoComplete="off"
      spellCheck={false}
      value={text}
      error={isSecret && words.users.secretTyped}
      onChange={(event) => change(event.currentTarget.value)}
      onPaste={paste}
      leftSection={<IconSearch size={18} aria-hidden="true" />}
      rightSection={
        text === '' ? (
          <kbd className={styles.key} aria-hidden="true">
            /
          </kbd>
        ) : (
          <CloseButton size="sm" aria-label={words.users.clearSearch} onClick={clear} />
        )
      }
      rightSectionPointerEvents={text === '' ? 'none' : 'all'}
    />
  );
}

/** Where a / is typed, or a dialog keeps the focus. */
function isBusy(target: EventTarget | null): boolean {
  if (document.querySelector('[role="dialog"][aria-modal="true"]')) return true;
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
}
