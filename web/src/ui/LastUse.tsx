import type { Secret } from '../api.js';
import { words } from '../words/index.js';
import { browserName } from './browser-name.js';
import { Time } from './Time.js';

/** When a secret was last used, from where and by which program; where addresses are not recorded, when alone. */
export function LastUse({ lastUsedAt: at, lastUsedFrom: from }: Pick<Secret, 'lastUsedAt' | 'lastUsedFrom'>) {
  if (at === null) return words.ui.never;
  if (from === null) return <Time at={at} />;
  const program = <span title={from.userAgent ?? undefined}>{browserName(from.userAgent)}</span>;
  return words.secrets.usedFrom(<Time at={at} />, <code>{from.address}</code>, program);
}
