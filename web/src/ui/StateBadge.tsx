import type { KeySummary } from '../api.js';
import { Badge, type Tone } from './Badge.js';
import { useNow } from './use-now.js';
import styles from './Badge.module.css';
import { type KeyState, keyState } from './key-state.js';

const LOOKS: Record<Exclude<KeyState, 'none'>, [Tone, string]> = {
  live: ['ok', 'Live'],
  'never-used': ['warn', 'Live · never used'],
  dormant: ['warn', 'Dormant'],
  revoked: ['neutral', 'Revoked'],
  expired: ['neutral', 'Expired'],
};

export function StateBadge({ value }: { value: KeySummary | null }) {
  const state = keyState(value, useNow());
  if (state === 'none') return <span className={styles.plain}>No key</span>;
  const [tone, words] = LOOKS[state];
  return <Badge tone={tone}>{words}</Badge>;
}
