import { Link } from '@tanstack/react-router';
import type { User } from '../../api.js';
import { Avatar } from '../../ui/Avatar.js';
import { EnabledBadge } from '../../ui/EnabledBadge.js';
import { keyState } from '../../ui/key-state.js';
import { KeyGlyph } from '../../ui/KeyGlyph.js';
import { StateBadge } from '../../ui/StateBadge.js';
import { RoleTag, Tag } from '../../ui/Tag.js';
import { Time } from '../../ui/Time.js';
import { useNow } from '../../ui/use-now.js';
import { words } from '../../words/index.js';
import styles from './UserRow.module.css';

const TONES = {
  live: 'accent',
  'never-used': 'accent',
  dormant: 'accent',
  retiring: 'accent',
  revoked: 'dull',
  expired: 'dull',
} as const;

export function UserRow({ user }: { user: User }) {
  const { name, fullName, email, roles, key, enabled } = user;
  const state = keyState(key, useNow());
  const ends = state !== 'revoked' && state !== 'expired';
  return (
    <tr>
      <td>
        <div className={styles.who}>
          <Avatar name={fullName} dull={!enabled} />
          <div>
            <Link to="/user/$name" params={{ name }} search={{ tab: 'api-access' }} className={styles.name}>
              {fullName}
            </Link>
            {email !== null && <p className={styles.email}>{email}</p>}
          </div>
        </div>
      </td>
      <td>
        <RoleTags roles={roles} />
      </td>
      <td>
        <span className={styles.badge}>
          <KeyGlyph apiKey={key?.apiKey} tone={state === 'none' ? 'pale' : TONES[state]} />
          <StateBadge value={key} />
        </span>
      </td>
      <Moment label={words.users.columns.lastUsed} at={key?.keyLastUsedAt} />
      <Moment label={words.users.columns.expires} at={ends ? key?.expiresAt : null} />
      <Moment label={words.users.columns.created} at={user.createdAt} />
      <td data-empty={enabled || undefined}>
        <EnabledBadge enabled={enabled} />
      </td>
    </tr>
  );
}

function Moment({ label, at }: { label: string; at: string | null | undefined }) {
  return (
    <td data-empty={!at || undefined}>
      <span className={styles.label}>{label} </span>
      {at ? (
        <span className={styles.time}>
          <Time at={at} inRow />
        </span>
      ) : (
        '–'
      )}
    </td>
  );
}

/** The weightiest of them, and how many more there are. */
function RoleTags({ roles }: { roles: readonly string[] }) {
  const shown = roles.find((role) => role === 'System Manager') ?? roles[0];
  if (shown === undefined) return <span>{words.ui.noRoles}</span>;
  const others = roles.filter((role) => role !== shown);
  return (
    <span className={styles.tags}>
      <RoleTag role={shown} />
      {others.length > 0 && (
        <span title={others.join(', ')}>
          <Tag>
            {words.users.moreRoles(others.length, (text) => (
              <span className={styles.unseen}>{text}</span>
            ))}
          </Tag>
        </span>
      )}
    </span>
  );
}
