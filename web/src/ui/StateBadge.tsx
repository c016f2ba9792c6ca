import { words } from '../words/index.js';
import { Badge, type Tone } from './Badge.js';
import { useNow } from './use-now.js';
import styles from './Badge.module.css';
import { type KeyState, keyState } from './key-state.js';

const LOOKS: Record<Exclude<KeyState, 'none'>, [Tone, string]> = {
  live: ['ok', words.key.active],
  'never-used': ['warn', words.key.activeNeverUsed],
  dormant: ['warn', words.key.unused],
  retiring: ['warn', words.key.retiring],
  revoked: ['neutral', words.key.revoked],
  expired: ['neutral', words.key.expired],
};

export function StateBadge({ value }: { value: Parameters<typeof keyState>[0] }) {
  const state = keyState(value, useNow());
  if (state === 'none') return <span className={styles.plain}>{words.key.none}</span>;
  const [tone, text] = LOOKS[state];
  return <Badge tone={tone}>{text}</Badge>;
}
