import { useQuery } from '@tanstack/react-query';
import { rolesQuery } from '../../queries.js';
import { Card } from '../../ui/Card.js';
import { ErrorState } from '../../ui/ErrorState.js';
import { Page, Stack } from '../../ui/Page.js';
import { PageHeading } from '../../ui/PageHeading.js';
import { SkeletonRows } from '../../ui/SkeletonRows.js';
import { words } from '../../words/index.js';
import { NewRole } from './NewRole.js';
import { RoleRow } from './RoleRow.js';
import styles from './RolesScreen.module.css';

export function RolesScreen() {
  const { data: roles, isError, error, refetch } = useQuery(rolesQuery);
  return (
    <Page narrow>
      <PageHeading title={words.roles.title} about={words.roles.about} />
      <Stack>
        <NewRole />
        <Card flush>
          {roles !== undefined ? (
            <ul className={styles.list}>
              {roles.map((role) => (
                <RoleRow key={role} role={role} />
              ))}
            </ul>
          ) : isError ? (
            <ErrorState problem={error} onRetry={() => void refetch()} />
          ) : (
            <SkeletonRows rows={3} />
          )}
        </Card>
      </Stack>
    </Page>
  );
}
