import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { EmptyState } from '../../ui/EmptyState.js';
import { Page } from '../../ui/Page.js';
import { PageHeading } from '../../ui/PageHeading.js';
import { words } from '../../words/index.js';

export function NoSuchUser({ name }: { name: string }) {
  return (
    <Page narrow>
      <PageHeading title={words.user.noSuch(name)} />
      <EmptyState
        title={words.user.nobody}
        about={words.user.nobodyAbout}
        action={
          <Button variant="default" renderRoot={(props) => <Link to="/users" {...props} />}>
            {words.user.toUsers}
          </Button>
        }
      />
    </Page>
  );
}
