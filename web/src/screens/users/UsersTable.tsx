import { UnstyledButton } from '@mantine/core';
import IconChevronDown from '@tabler/icons-react/icons/IconChevronDown';
import IconChevronUp from '@tabler/icons-react/icons/IconChevronUp';
import IconSelector from '@tabler/icons-react/icons/IconSelector';
import type { User, UserSort } from '../../api.js';
import { words } from '../../words/index.js';
import { GreyRows } from './GreyRows.js';
import { UserRow } from './UserRow.js';
import styles from './UsersTable.module.css';

interface Props {
  /** Undefined while the first are on their way. */
  users: readonly User[] | undefined;
  sort: UserSort | undefined;
  onSort: (sort: UserSort | undefined) => void;
  /** These are the rows of before, and others are on their way. */
  stale: boolean;
}

interface Column {
  readonly label: string;
  readonly className: string | undefined;
  /** By the first press, and by the second. The third goes back to the order at the start. */
  readonly sorts?: readonly [UserSort, UserSort];
}

const AT_START: UserSort = '-createdAt';
const COLUMNS: readonly Column[] = [
  { label: words.users.columns.user, className: styles.user, sorts: ['fullName', '-fullName'] },
  { label: words.users.columns.roles, className: styles.roles },
  { label: words.users.columns.key, className: styles.key },
  { label: words.users.columns.lastUsed, className: styles.time, sorts: ['-lastUsedAt', 'lastUsedAt'] },
  { label: words.users.columns.expires, className: styles.time, sorts: ['expiresAt', '-expiresAt'] },
  { label: words.users.columns.created, className: styles.time, sorts: [AT_START, 'createdAt'] },
  { label: words.users.columns.status, className: styles.status },
];

export function UsersTable({ users, sort, onSort, stale }: Props) {
  return (
    <table
      className={styles.table}
      aria-label={words.users.title}
      aria-busy={stale || users === undefined}
      data-stale={stale || undefined}
    >
      <thead>
        <tr>
          {COLUMNS.map((column) => (
            <Heading key={column.label} {...column} sort={sort ?? AT_START} onSort={onSort} />
          ))}
        </tr>
      </thead>
      <tbody>
        {users?.map((user) => (
          <UserRow key={user.id} user={user} />
        ))}
        {users === undefined && <GreyRows />}
      </tbody>
    </table>
  );
}

function Heading({ label, className, sorts, sort, onSort }: Column & Pick<Props, 'onSort'> & { sort: UserSort }) {
  if (!sorts) {
    return (
      <th scope="col" className={className}>
        {label}
      </th>
    );
  }
  const [first, second] = sorts;
  const order = !sorts.includes(sort) ? 'none' : sort.startsWith('-') ? 'descending' : 'ascending';
  const Icon = { ascending: IconChevronUp, descending: IconChevronDown, none: IconSelector }[order];
  const next = sort === first ? second : sort === second ? undefined : first;
  return (
    <th scope="col" className={className} aria-sort={order} data-sorts>
      <UnstyledButton className={styles.sort} onClick={() => onSort(next === AT_START ? undefined : next)}>
        {label} <Icon size={15} aria-hidden="true" />
      </UnstyledButton>
    </th>
  );
}
