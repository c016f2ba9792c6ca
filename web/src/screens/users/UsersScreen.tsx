import { Page } from '../../ui/Page.js';
import { PageHeading } from '../../ui/PageHeading.js';

export function UsersScreen() {
  return (
    <Page>
      <PageHeading title="Users" about="Everyone who can log in or call the API, and the key each one has." />
    </Page>
  );
}
