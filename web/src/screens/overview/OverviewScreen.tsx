import { Button } from '@mantine/core';
import { usePrefetchQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { answer, api } from '../../api.js';
import { Card } from '../../ui/Card.js';
import { EmptyState } from '../../ui/EmptyState.js';
import { ErrorState } from '../../ui/ErrorState.js';
import { Page, Stack } from '../../ui/Page.js';
import { PageHeading } from '../../ui/PageHeading.js';
import { SkeletonRows } from '../../ui/SkeletonRows.js';
import { newestActivity } from '../../ui/activity/audit-query.js';
import { usageQuery } from '../../ui/usage/usage-query.js';
import { UsageCard } from '../../ui/usage/UsageCard.js';
import { words } from '../../words/index.js';
import { Figures } from './Figures.js';
import styles from './OverviewScreen.module.css';
import { RecentActivity } from './RecentActivity.js';

export function OverviewScreen() {
  return (
    <Page>
      <PageHeading title={words.overview.title} about={words.overview.about} />
      <Stack>
        <Content />
      </Stack>
    </Page>
  );
}

const ALL = {};

function Content() {
  usePrefetchQuery(usageQuery(ALL)); // together with the figures, which decide whether it is shown
  const overview = useQuery({ queryKey: ['overview'], queryFn: () => answer(api.GET('/v1/overview')) });
  const newest = useQuery(newestActivity); // beside the figures, and not after them
  if (overview.data === undefined) {
    return (
      <Card flush>
        {overview.isError ? (
          <ErrorState problem={overview.error} onRetry={() => void overview.refetch()} />
        ) : (
          <SkeletonRows />
        )}
      </Card>
    );
  }
  const { keys } = overview.data;
  return (
    <>
      {keys.live + keys.revoked > 0 ? (
        <>
          <Figures keys={keys} />
          <UsageCard of={ALL} />
        </>
      ) : (
        <NoKeyYet />
      )}
      <RecentActivity newest={newest} />
    </>
  );
}

function NoKeyYet() {
  return (
    <Card flush>
      <EmptyState
        title={words.overview.none}
        about={words.overview.noneAbout}
        action={
          <Button className={styles.button} renderRoot={(props) => <Link to="/users" {...props} />}>
            {words.overview.toUsers}
          </Button>
        }
      />
    </Card>
  );
}
