import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { EmptyState } from '../../ui/EmptyState.js';
import { Page } from '../../ui/Page.js';
import { PageHeading } from '../../ui/PageHeading.js';

export function NoSuchUser({ name }: { name: string }) {
  return (
    <Page narrow>
      <PageHeading title={`There is no user “${name}”`} />
      <EmptyState
        title="Nobody here"
        about="The user may have been deleted, or the address has a slip in it."
        action={
          <Button variant="default" renderRoot={(props) => <Link to="/users" {...props} />}>
            Back to Users
          </Button>
        }
      />
    </Page>
  );
}
