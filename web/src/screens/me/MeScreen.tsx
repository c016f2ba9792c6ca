import { Page } from '../../ui/Page.js';
import { PageHeading } from '../../ui/PageHeading.js';

export function MeScreen() {
  return (
    <Page narrow>
      <PageHeading title="My access" about="Programs that use this key act as you, with your roles." />
    </Page>
  );
}
