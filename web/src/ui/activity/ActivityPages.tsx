import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import type { AuditQuery } from '../../api.js';
import { activityWords } from '../../words/activity.js';
import { announce } from '../announce.js';
import { EmptyState } from '../EmptyState.js';
import { ErrorState } from '../ErrorState.js';
import { SkeletonRows } from '../SkeletonRows.js';
import { ActivityList, rowId } from './ActivityList.js';
import styles from './ActivityPages.module.css';
import { activityPages } from './audit-query.js';
import type { Known } from './told.js';

interface Props {
  /** What is shown of the trail; `own`: what was done by the viewer and to the viewer. */
  filters: AuditQuery | 'own';
  level: 2 | 3;
  known?: Known;
  /** In place of the words for a trail that has nothing at all. */
  none?: ReactNode;
}

/** The activity with the way to what is older. */
export function ActivityPages({ filters, level, known, none }: Props) {
  const { data, error, refetch, isPlaceholderData, ...pages } = useInfiniteQuery(activityPages(filters));
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = pages;
  const records = data?.pages.flatMap((page) => page.data) ?? [];
  const arriving = useRef<string>(undefined);

  // The rows that have come stand where the button was, which may be gone.
  useEffect(() => {
    const row = arriving.current === undefined ? null : document.getElementById(arriving.current);
    if (row === null) return;
    arriving.current = undefined;
    row.focus();
  });

  if (data === undefined) {
    return error === null ? <SkeletonRows /> : <ErrorState problem={error} onRetry={() => void refetch()} />;
  }
  if (records.length === 0 && !hasNextPage) {
    return none ?? <EmptyState title={activityWords.none} about={activityWords.noneAbout} />;
  }
  const showOlder = async () => {
    const { data: now, isError } = await fetchNextPage();
    if (isError) return;
    const added = now!.pages.at(-1)!.data;
    announce(activityWords.olderShown(added.length));
    if (added[0]) arriving.current = rowId(added[0]);
  };
  return (
    <div className={styles.pages} aria-busy={isPlaceholderData} data-stale={isPlaceholderData || undefined}>
      <ActivityList records={records} level={level} known={known} />
      {records.length === 0 && <p className={styles.note}>{activityWords.noneSoFar}</p>}
      {isFetchNextPageError && <ErrorState problem={error} onRetry={() => void showOlder()} />}
      {hasNextPage && !isFetchNextPageError && (
        <div className={styles.older}>
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void showOlder()}>
            {activityWords.older}
          </Button>
        </div>
      )}
    </div>
  );
}
