import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { UsersSearch } from '../../search-params.js';
import { usersCountQuery } from '../../queries.js';
import type { Count } from '../../words/forms.js';
import { words } from '../../words/index.js';
import styles from './UsersScreen.module.css';

interface Props {
  search: UsersSearch;
  first: number | undefined;
  rows: number;
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
}

/** "1–25 of 1,284", and the way to the pages beside. */
export function Paging({ search, first, rows, onPrevious, onNext }: Props) {
  const { data: total } = useQuery(usersCountQuery(search));
  return (
    <>
      <span aria-live="polite">{first !== undefined && rows > 0 && range(first, first + rows - 1, total)}</span>
      <div className={styles.paging}>
        <Button variant="default" size="xs" disabled={!onPrevious} onClick={onPrevious}>
          {words.users.previous}
        </Button>
        <Button variant="default" size="xs" disabled={!onNext} onClick={onNext}>
          {words.users.next}
        </Button>
      </div>
    </>
  );
}

function range(first: number, last: number, total: Count | undefined): string {
  return total ? words.users.rangeOf(first, last, total) : words.users.range(first, last);
}
