import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Problem } from '../../problem.js';
import { Card } from '../../ui/Card.js';
import { EmptyState } from '../../ui/EmptyState.js';
import { ErrorState } from '../../ui/ErrorState.js';
import { words } from '../../words/index.js';
import { Paging } from './Paging.js';
import { usersQuery } from './users-query.js';
import { useUsersAddress } from './use-users-address.js';
import { UsersTable } from './UsersTable.js';
import { UsersToolbar } from './UsersToolbar.js';
import styles from './UsersScreen.module.css';

export function UsersList() {
  const address = useUsersAddress();
  const { search, first, change } = address;
  const { data, error, isPlaceholderData, refetch } = useQuery(usersQuery(search, first));
  const found = data && (data.data.length > 0 || data.nextCursor !== null || search.cursor !== undefined);
  const next = isPlaceholderData ? null : (data?.nextCursor ?? null);
  const onNext = next === null ? undefined : () => address.onNext(next, data!.data.length);

  const table = (
    <UsersTable users={data?.data} sort={search.sort} onSort={(sort) => change({ sort })} stale={isPlaceholderData} />
  );
  const paging = found && (
    <Paging
      search={search}
      first={data.first}
      rows={data.data.length}
      onPrevious={address.onPrevious}
      onNext={onNext}
    />
  );
  return (
    <Card flush foot={paging || undefined}>
      <div className={styles.list}>
        <UsersToolbar address={address} />
        {data === undefined && error !== null ? (
          // A cursor of another order, or one cut off in a message: asking again would not help.
          <ErrorState problem={error} onRetry={() => (isRefused(error) ? address.onStart() : void refetch())} />
        ) : data === undefined || found ? (
          <>
            {table}
            {data?.data.length === 0 && <p className={styles.none}>{words.users.noneOnPage}</p>}
          </>
        ) : (
          <Nobody text={search.search} onClear={address.onClear} />
        )}
      </div>
    </Card>
  );
}

function Nobody({ text, onClear }: { text: string | undefined; onClear: () => void }) {
  return (
    <EmptyState
      title={text === undefined ? words.users.noFiltered : words.users.noMatch(text)}
      about={text?.startsWith('lk_') ? words.users.noKeyAbout : words.users.noMatchAbout}
      action={
        <Button variant="default" onClick={onClear}>
          {words.users.clearAll}
        </Button>
      }
    />
  );
}

function isRefused(error: unknown): boolean {
  return error instanceof Problem && (error.status === 400 || error.status === 422);
}
