import { useInViewport } from '@mantine/hooks';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { Secret } from '../api.js';
import { loadFile } from '../load-file.js';
import { words } from '../words/index.js';
import { DefinitionList } from './DefinitionList.js';
import { Done } from './Done.js';
import { isGood } from './key-state.js';
import { LastUse } from './LastUse.js';
import { limitsInWords } from './rate-limits.js';
import styles from './SecretList.module.css';
import { StateBadge } from './StateBadge.js';
import { Tag } from './Tag.js';
import { Time } from './Time.js';
import { useNow } from './use-now.js';

const Sparkline = lazy(async () => ({ default: (await loadFile(() => import('./usage/Sparkline.js'))).Sparkline }));

interface Props {
  secrets: readonly Secret[];
  /** Whether they are of the person who looks at them. */
  own?: boolean;
  /** Of one that is good. */
  actions: (secret: Secret) => ReactNode;
}

/** The secrets of a key, by name; those that are dead, newest first, below them, where there are others to look at. */
export function SecretList({ secrets, own = false, actions }: Props) {
  const now = useNow();
  const good = secrets.filter((secret) => isGood(secret, now)).toSorted(byName);
  const dead = secrets.filter((secret) => !good.includes(secret));
  return (
    <>
      {good.length > 0 && (
        <ul className={styles.list}>
          {good.map((secret) => (
            <Row key={secret.id} secret={secret} own={own} actions={actions(secret)} />
          ))}
        </ul>
      )}
      {dead.length > 0 && (
        <details className={styles.dead} open={good.length === 0}>
          <summary>{words.secrets.dead(dead.length)}</summary>
          <ul className={styles.list}>
            {dead.map((secret) => (
              <DeadRow key={secret.id} secret={secret} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** Beside the current secret of a name is the one that it replaces. */
function byName(one: Secret, other: Secret): number {
  return one.name.localeCompare(other.name) || (one.createdAt < other.createdAt ? 1 : -1);
}

function Row({ secret, own, actions }: { secret: Secret; own: boolean; actions: ReactNode }) {
  const { id, scopes, allowedNetworks, limits, expiresAt, state, createdAt, createdBy } = secret;
  return (
    <li>
      <Head secret={secret} />
      <DefinitionList
        rows={[
          { term: words.secrets.mayDo, value: <Scopes scopes={scopes} own={own} /> },
          { term: words.secrets.networks, value: allowedNetworks && <Tags of={allowedNetworks} /> },
          { term: words.secrets.limits, value: limits && limitsInWords(limits) },
          {
            term: state === 'retiring' ? words.secrets.ends : words.key.expires,
            value: expiresAt === null ? words.ui.never : <End at={expiresAt} retiring={state === 'retiring'} />,
          },
          { term: words.key.lastUsed, value: <LastUse {...secret} /> },
          { term: words.usage.lastDays, value: <Usage secretId={id} /> },
          { term: words.secrets.created, value: <Done at={createdAt} by={createdBy} /> },
        ].filter(({ value }) => value !== null)}
      />
      <div className={styles.actions}>{actions}</div>
    </li>
  );
}

function DeadRow({ secret }: { secret: Secret }) {
  const { revokedAt, revokedBy, expiresAt, createdAt, createdBy } = secret;
  const gone = revokedBy === null ? words.secrets.replaced : words.key.revoked;
  return (
    <li>
      <Head secret={secret} />
      <DefinitionList
        rows={[
          revokedAt === null
            ? { term: words.key.expired, value: expiresAt === null ? undefined : <Time at={expiresAt} form="end" /> }
            : { term: gone, value: <Done at={revokedAt} by={revokedBy} /> },
          { term: words.key.lastUsed, value: <LastUse {...secret} /> },
          { term: words.secrets.created, value: <Done at={createdAt} by={createdBy} /> },
        ]}
      />
    </li>
  );
}

function Head({ secret }: { secret: Secret }) {
  return (
    <div className={styles.head}>
      <h3>{secret.name}</h3>
      <StateBadge value={secret} />
      <span className={styles.hint}>{words.key.endsIn(<code>{secret.hint}</code>)}</span>
    </div>
  );
}

/** How often it was used: asked for when it is in sight for the first time, as high before as after. */
function Usage({ secretId }: { secretId: string }) {
  const { ref, inViewport } = useInViewport();
  const [seen, setSeen] = useState(false);
  if (inViewport && !seen) setSeen(true);
  return (
    <div ref={ref} className={styles.usage}>
      <Suspense>{seen && <Sparkline secretId={secretId} />}</Suspense>
    </div>
  );
}

function Scopes({ scopes, own }: { scopes: readonly string[] | null; own: boolean }) {
  if (scopes === null) return own ? words.secrets.ownEverything : words.secrets.everything;
  return scopes.length === 0 ? words.secrets.nothing : <Tags of={scopes} />;
}

function Tags({ of }: { of: readonly string[] }) {
  return (
    <span className={styles.tags}>
      {of.map((text) => (
        <Tag key={text}>{text}</Tag>
      ))}
    </span>
  );
}

function End({ at, retiring }: { at: string; retiring: boolean }) {
  return (
    <>
      <Time at={at} form="end" />
      {retiring && (
        <span className={styles.left}>
          {' · '}
          <Time at={at} form="left" />
        </span>
      )}
    </>
  );
}
