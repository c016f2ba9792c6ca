import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { User } from '../api.js';
import { words } from '../words/index.js';
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
  const text = useRef<HTMLParagraphElement>(null);
  useEffect(() => text.current?.focus(), []);
  return (
    <Notice tone="bad">
      <p ref={text} tabIndex={-1} className={styles.words}>
        {words.ui.stale(user.fullName)}
      </p>
      <div className={styles.actions}>
        <Button size="xs" variant="default" loading={pending} onClick={onSaveAnyway}>
          {words.ui.saveAnyway}
        </Button>
        <Button size="xs" variant="default" disabled={pending} onClick={onUseNew}>
          {words.ui.takeNew}
        </Button>
      </div>
    </Notice>
  );
}
