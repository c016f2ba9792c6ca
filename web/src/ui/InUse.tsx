import type { Secret } from '../api.js';
import { words } from '../words/index.js';
import { keyState } from './key-state.js';
import { LastUse } from './LastUse.js';
import { Notice } from './Notice.js';
import { useNow } from './use-now.js';

/** Before a secret ends: who may be using it. Nothing where nobody has ever used it, and no warning where nobody does any more. */
export function InUse({ secret }: { secret: Secret }) {
  const now = useNow();
  if (secret.lastUsedAt === null) return null;
  const about = words.key.inUseAbout(<LastUse {...secret} />);
  if (keyState(secret, now) === 'dormant') return <p>{about}</p>;
  return (
    <Notice tone="warn" title={words.key.inUse}>
      {about}
    </Notice>
  );
}
