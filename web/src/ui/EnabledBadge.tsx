import { words } from '../words/index.js';
import { Badge } from './Badge.js';
import styles from './Badge.module.css';

/** Grey text for the common case, so that a list shows the others. */
export function EnabledBadge({ enabled }: { enabled: boolean }) {
  if (enabled) return <span className={styles.plain}>{words.ui.enabled}</span>;
  return (
    <Badge tone="neutral" hollow>
      {words.ui.disabled}
    </Badge>
  );
}
