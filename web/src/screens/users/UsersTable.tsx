import { UnstyledButton } from '@mantine/core';
import IconChevronDown from '@tabler/icons-react/icons/IconChevronDown';
import IconChevronUp from '@tabler/icons-react/icons/IconChevronUp';
import IconSelector from '@tabler/icons-react/icons/IconSelector';
import type { User, UserSort } from '../../api.js';
import { UserRow } from './UserRow.js';
import styles from './UsersTable.module.css';

interface Props {
  users: readonly User[];
  sort: UserSort | undefined;
  onSort: (sort: UserSort | undefined) => void;
  /** These are the rows of before, and others are on their way. */
  stale: boolean;
}

export function UsersTable({ users, sort, onSort, stale }: Props) {
  const order = sort === 'fullName' ? 'ascending' : sort === '-fullName' ? 'descending' : 'none';
  const Icon = { ascending: IconChevronUp, descending: IconChevronDown, none: IconSelector }[order];
  const next = { none: 'fullName', ascending: '-fullName', descending: undefined } as const;
  return (
    <table className={styles.table} aria-label="Users" aria-busy={stale}>
      <thead>
        <tr>
          <th scope="col" className={styles.user} aria-sort={order}>
            <UnstyledButton className={styles.sort} onClick={() => onSort(next[order])}>
              User <Icon size={15} aria-hidden="true" />
            </UnstyledButton>
          </th>
          <th scope="col" className={styles.roles}>
            Roles
          </th>
          <th scope="col" className={styles.key}>
            API key
          </th>
          <th scope="col" className={styles.used}>
            Last used
          </th>
          <th scope="col" className={styles.status}>
            Status
          </th>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <UserRow key={user.id} user={user} />
        ))}
      </tbody>
    </table>
  );
}
