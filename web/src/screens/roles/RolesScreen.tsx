import { useQuery } from '@tanstack/react-query';
import { rolesQuery } from '../../queries.js';
import { Card } from '../../ui/Card.js';
import { ErrorState } from '../../ui/ErrorState.js';
import { Page, Stack } from '../../ui/Page.js';
import { PageHeading } from '../../ui/PageHeading.js';
import { SkeletonRows } from '../../ui/SkeletonRows.js';
import { NewRole } from './NewRole.js';
import { RoleRow } from './RoleRow.js';
import styles from './RolesScreen.module.css';

export function RolesScreen() {
  const { data: roles, isError, error, refetch } = useQuery(rolesQuery);
  return (
    <Page narrow>
      <PageHeading title="Roles" about="What users are allowed to do. A user is given roles on the user’s page." />
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
