import { rolesQuery, usersCountQuery } from '../../queries.js';
import { countWords } from '../../ui/count-words.js';
import { Button, NativeSelect } from '@mantine/core';
import IconSelector from '@tabler/icons-react/icons/IconSelector';
import IconX from '@tabler/icons-react/icons/IconX';
import { useQuery } from '@tanstack/react-query';
import type { KeyFilter } from '../../api.js';
import { KEY_FILTERS, type UsersSearch } from '../../search-params.js';
import { SearchField } from './SearchField.js';
import type { UsersAddress } from './use-users-address.js';
import styles from './UsersToolbar.module.css';

const KEY_WORDS: Record<KeyFilter, string> = {
  live: 'Live secret',
  'never-used': 'Never used',
  'unused-30-days': 'Unused 30 days',
  'unused-90-days': 'Unused 90 days',
  expiring: 'Expires in 30 days',
  revoked: 'Revoked or expired',
  none: 'No key',
};
const KEYS = KEY_FILTERS.map((value) => ({ value, label: KEY_WORDS[value] }));
const STATUSES = [
  { value: 'true', label: 'Enabled' },
  { value: 'false', label: 'Disabled' },
];

export function UsersToolbar({ address }: { address: UsersAddress }) {
  const { search, filtered, change, onClear } = address;
  const { data: known = [] } = useQuery(rolesQuery);
  const roles = search.role === undefined || known.includes(search.role) ? known : [...known, search.role];
  return (
    <search className={styles.toolbar} aria-label="Users">
      <SearchField value={search.search ?? ''} onSearch={(text) => change({ search: text }, true)} />
      <Filter label="Key" value={search.key} options={KEYS} onChange={(key) => change({ key })} />
      <Filter
        label="Role"
        value={search.role}
        options={roles.map((role) => ({ value: role, label: role }))}
        onChange={(role) => change({ role })}
      />
      <Filter
        label="Status"
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
            Clear
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
      data={[{ value: '', label: value === '' ? label : 'Any' }, ...options]}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      rightSection={<IconSelector size={16} aria-hidden="true" />}
    />
  );
}

function UserCount({ search }: { search: UsersSearch }) {
  const { data } = useQuery(usersCountQuery(search));
  return (
    <output className={styles.count}>
      {data && `${countWords(data)} ${data.count === 1 && !data.atLeast ? 'user' : 'users'}`}
    </output>
  );
}
