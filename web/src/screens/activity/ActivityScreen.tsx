import { Button } from '@mantine/core';
import { useRef } from 'react';
import { ActivityPages } from '../../ui/activity/ActivityPages.js';
import { auditFilters } from '../../ui/activity/audit-query.js';
import { Card } from '../../ui/Card.js';
import { EmptyState } from '../../ui/EmptyState.js';
import { Page } from '../../ui/Page.js';
import { PageHeading } from '../../ui/PageHeading.js';
import { activityWords } from '../../words/activity.js';
import { words } from '../../words/index.js';
import { ActivityFilters } from './ActivityFilters.js';
import { Export } from './Export.js';
import { useActivityAddress } from './use-activity-address.js';

export function ActivityScreen() {
  const address = useActivityAddress();
  const filters = auditFilters(address.search);
  const form = useRef<HTMLElement>(null);
  const clear = () => {
    address.onClear();
    form.current?.focus(); // the button that was pressed is gone
  };
  return (
    <Page>
      <PageHeading title={words.activity.title} about={activityWords.about} aside={<Export filters={filters} />} />
      <Card flush>
        <ActivityFilters address={address} ref={form} onClear={clear} />
        <ActivityPages filters={filters} level={2} {...(address.filtered && { none: <NoMatch onClear={clear} /> })} />
      </Card>
    </Page>
  );
}

function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <EmptyState
      title={activityWords.noMatch}
      about={activityWords.noMatchAbout}
      action={
        <Button variant="default" onClick={onClear}>
          {activityWords.clear}
        </Button>
      }
    />
  );
}
