import { rolesQuery, usersCountQuery } from '../../queries.js';
import { Button, NativeSelect } from '@mantine/core';
import IconSelector from '@tabler/icons-react/icons/IconSelector';
import IconX from '@tabler/icons-react/icons/IconX';
import { useQuery } from '@tanstack/react-query';
import { KEY_FILTERS, type UsersSearch } from '../../search-params.js';
import { words } from '../../words/index.js';
import { SearchField } from './SearchField.js';
import type { UsersAddress } from './use-users-address.js';
import styles from './UsersToolbar.module.css';

const KEYS = KEY_FILTERS.map((value) => ({ value, label: words.users.keys[value] }));
const STATUSES = [
  { value: 'true', label: words.ui.enabled },
  { value: 'false', label: words.ui.disabled },
];

export function UsersToolbar({ address }: { address: UsersAddress }) {
  const { search, filtered, change, onSearch, onClear } = address;
  const { data: known = [] } = useQuery(rolesQuery);
  const roles = search.role === undefined || known.includes(search.role) ? known : [...known, search.role];
  return (
    <search className={styles.toolbar} aria-label={words.users.title}>
      <SearchField value={search.search ?? ''} onSearch={onSearch} />
      <Filter label={words.users.key} value={search.key} options={KEYS} onChange={(key) => change({ key })} />
      <Filter
        label={words.users.role}
        value={search.role}
        options={roles.map((role) => ({ value: role, label: role }))}
        onChange={(role) => change({ role })}
      />
      <Filter
        label={words.users.status}
        value={search.enabled?.toString()}
        options={STATUSES}
        onChange={(enabled) => change({ enabled })}
      />
      <div className={styles.end}>
        {filtered && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconX size={15} aria-hidden="true" />}
            onClick={onClear}
          >
            {words.users.clear}
          </Button>
        )}
        <UserCount search={search} />
      </div>
    </search>
  );
}

interface FilterProps {
  label: string;
  value: string | undefined;
  options: { value: string; label: string }[];
  onChange: (value: string) => void;
}

function Filter({ label, value = '', options, onChange }: FilterProps) {
  return (
    <NativeSelect
      className={styles.filter}
      aria-label={label}
      data-unset={value === '' || undefined}
      // Closed and unset, its name is all that it shows.
      data={[{ value: '', label: value === '' ? label : words.users.any }, ...options]}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      rightSection={<IconSelector size={16} aria-hidden="true" />}
    />
  );
}

function UserCount({ search }: { search: UsersSearch }) {
  const { data } = useQuery(usersCountQuery(search));
  return <output className={styles.count}>{data && words.users.count(data)}</output>;
}
