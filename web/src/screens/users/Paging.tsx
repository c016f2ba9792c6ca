import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { UsersSearch } from '../../search-params.js';
import { usersCountQuery } from '../../queries.js';
import { countWords } from '../../ui/count-words.js';
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
  const range = first !== undefined && rows > 0 && `${number(first)}–${number(first + rows - 1)}`;
  return (
    <>
      <span aria-live="polite">{range && (total ? `${range} of ${countWords(total)}` : range)}</span>
      <div className={styles.paging}>
        <Button variant="default" size="xs" disabled={!onPrevious} onClick={onPrevious}>
          Previous
        </Button>
        <Button variant="default" size="xs" disabled={!onNext} onClick={onNext}>
          Next
        </Button>
      </div>
    </>
  );
}

function number(value: number): string {
  return value.toLocaleString('en');
}
