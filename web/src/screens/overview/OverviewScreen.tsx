import { Page } from '../../ui/Page.js';
import { PageHeading } from '../../ui/PageHeading.js';

export function OverviewScreen() {
  return (
    <Page>
      <PageHeading title="Overview" about="How API keys are used on this server." />
    </Page>
  );
}
