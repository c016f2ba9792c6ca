import '@mantine/core/styles/Tabs.layer.css';
import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Navigate, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useIsPageHeld } from '../../held-page.js';
import { loadFile } from '../../load-file.js';
import { Problem } from '../../problem.js';
import { Card } from '../../ui/Card.js';
import { ErrorState } from '../../ui/ErrorState.js';
import { Page } from '../../ui/Page.js';
import { PageHeading } from '../../ui/PageHeading.js';
import { SkeletonRows } from '../../ui/SkeletonRows.js';
import { useUserDraft } from '../../ui/use-user-draft.js';
import { ApiAccessTab } from './ApiAccessTab.js';
import { NoSuchUser } from './NoSuchUser.js';
import { type ReadUser, userQuery } from '../../queries.js';
import { words } from '../../words/index.js';
import { UserHeader } from './UserHeader.js';
import styles from './UserScreen.module.css';

const DetailsTab = lazy(async () => ({ default: (await loadFile(() => import('./DetailsTab.js'))).DetailsTab }));
const RolesTab = lazy(async () => ({ default: (await loadFile(() => import('./RolesTab.js'))).RolesTab }));

const Sessions = lazy(async () => ({ default: (await loadFile(() => import('../../ui/Sessions.js'))).Sessions }));

const ActivityPages = lazy(async () => ({
  default: (await loadFile(() => import('../../ui/activity/ActivityPages.js'))).ActivityPages,
}));

const ROUTE = '/logged-in/managers/user/$name';

export function UserScreen() {
  const { name } = useParams({ from: ROUTE });
  const { data, error, refetch } = useQuery(userQuery(name));
  const held = useIsPageHeld();
  const gone = error instanceof Problem && (error.status === 404 || error.status === 403);
  if (gone && !held) return <NoSuchUser name={name} />;
  if (data === undefined) {
    return (
      <Page narrow>
        <PageHeading title={name} />
        {error ? <ErrorState problem={error} onRetry={() => void refetch()} /> : <SkeletonRows rows={3} />}
      </Page>
    );
  }
  // A name that was typed into the address bar in another letter case: from here on, all goes by the stored one.
  if (data.user.name !== name) return <Navigate to="/user/$name" params={{ name: data.user.name }} search replace />;
  return <UserPage key={name} {...data} />;
}

function UserPage(read: ReadUser) {
  const { user } = read;
  const { name } = user;
  const { tab = 'details' } = useSearch({ from: ROUTE });
  const navigate = useNavigate();
  // Here, since a tab that is left is gone.
  const profile = useUserDraft(read, ({ fullName }) => ({ fullName }));
  const roles = useUserDraft(read, (from) => ({ roles: from.roles.toSorted() }));
  const select = (value: string | null) =>
    void navigate({ to: '/user/$name', params: { name }, search: { tab: value as typeof tab }, replace: true });
  return (
    <Page narrow>
      <UserHeader {...read} />
      <Tabs value={tab} onChange={select} keepMounted={false} classNames={{ panel: styles.panel! }}>
        <Tabs.List>
          <Tabs.Tab value="details">{words.user.details}</Tabs.Tab>
          <Tabs.Tab value="roles">{words.user.roles}</Tabs.Tab>
          <Tabs.Tab value="api-access">{words.user.apiAccess}</Tabs.Tab>
          <Tabs.Tab value="sessions">{words.user.sessions}</Tabs.Tab>
          <Tabs.Tab value="activity">{words.user.activity}</Tabs.Tab>
        </Tabs.List>
        <Suspense fallback={<SkeletonRows rows={3} />}>
          <Tabs.Panel value="details">
            <DetailsTab user={user} edit={profile} />
          </Tabs.Panel>
          <Tabs.Panel value="roles">
            <RolesTab user={user} edit={roles} />
          </Tabs.Panel>
          <Tabs.Panel value="sessions">
            <Sessions name={name} fullName={user.fullName} />
          </Tabs.Panel>
          <Tabs.Panel value="activity">
            <Card flush title={words.user.activity} about={words.activity.ofUser(user.fullName)}>
              <ActivityPages filters={{ user: name }} level={3} known={user} />
            </Card>
          </Tabs.Panel>
        </Suspense>
        <Tabs.Panel value="api-access">
          <ApiAccessTab user={user} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
