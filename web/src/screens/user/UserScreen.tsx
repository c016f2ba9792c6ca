import { useParams } from '@tanstack/react-router';
import { Page } from '../../ui/Page.js';
import { PageHeading } from '../../ui/PageHeading.js';

export function UserScreen() {
  const { name } = useParams({ from: '/logged-in/managers/user/$name' });
  return (
    <Page narrow>
      <PageHeading title={name} />
    </Page>
  );
}
