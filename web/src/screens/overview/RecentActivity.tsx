import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AuditRecord } from '../../api.js';
import { ActivityList } from '../../ui/activity/ActivityList.js';
import { Card } from '../../ui/Card.js';
import { ErrorState } from '../../ui/ErrorState.js';
import { SkeletonRows } from '../../ui/SkeletonRows.js';
import { words } from '../../words/index.js';

/** The newest rows of the activity. */
export function RecentActivity({ newest: { data, error, refetch } }: { newest: UseQueryResult<AuditRecord[]> }) {
  return (
    <Card flush title={words.overview.activity} aside={<Link to="/activity">{words.overview.allActivity}</Link>}>
      {data !== undefined ? (
        <ActivityList records={data} level={3} />
      ) : error !== null ? (
        <ErrorState problem={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </Card>
  );
}
