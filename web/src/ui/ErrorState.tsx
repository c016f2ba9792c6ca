import { Button } from '@mantine/core';
import { describeProblem } from '../problem.js';
import { words } from '../words/index.js';
import styles from './EmptyState.module.css';

/** In place of what could not be loaded. */
export function ErrorState({ problem, onRetry }: { problem: unknown; onRetry: () => void }) {
  return (
    <div className={styles.empty} role="alert">
      <p className={styles.title}>{words.ui.notLoaded}</p>
      <p className={styles.about}>{describeProblem(problem)}</p>
      <div className={styles.action}>
        <Button variant="default" onClick={onRetry}>
          {words.ui.tryAgain}
        </Button>
      </div>
    </div>
  );
}
