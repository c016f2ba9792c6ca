import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { User } from '../api.js';
import { Notice } from './Notice.js';
import styles from './StaleNotice.module.css';

interface Props {
  /** As the user is now. */
  user: User;
  onSaveAnyway: () => void;
  onUseNew: () => void;
  pending: boolean;
}

/** Somebody else was faster. It takes the focus, since the button that was pressed has lost it. */
export function StaleNotice({ user, onSaveAnyway, onUseNew, pending }: Props) {
  const words = useRef<HTMLParagraphElement>(null);
  useEffect(() => words.current?.focus(), []);
  return (
    <Notice tone="bad">
      <p ref={words} tabIndex={-1} className={styles.words}>
        {user.fullName} changed while you were editing. Your change was not saved.
      </p>
      <div className={styles.actions}>
        <Button size="xs" variant="default" loading={pending} onClick={onSaveAnyway}>
          Save mine anyway
        </Button>
        <Button size="xs" variant="default" disabled={pending} onClick={onUseNew}>
          Use the new values
        </Button>
      </div>
    </Notice>
  );
}
