import '@mantine/core/styles/Checkbox.layer.css';
import '@mantine/core/styles/InlineInput.layer.css';
import { Button, Checkbox } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api } from '../../api.js';
import { rolesQuery } from '../../queries.js';
import { describeProblem } from '../../problem.js';
import { announce } from '../../ui/announce.js';
import { Card } from '../../ui/Card.js';
import { ErrorState } from '../../ui/ErrorState.js';
import { Notice } from '../../ui/Notice.js';
import { SkeletonRows } from '../../ui/SkeletonRows.js';
import { useAction } from '../../ui/use-action.js';
import { firstName, type ReadUser } from './user-queries.js';
import styles from './UserScreen.module.css';

export function RolesTab({ user, etag }: ReadUser) {
  const queryClient = useQueryClient();
  const roles = useQuery(rolesQuery);
  const [held, setHeld] = useState<string[]>([...user.roles]);
  const save = useAction(async () => {
    const { name } = user;
    const params = { path: { name }, header: { 'If-Match': etag } };
    const call = api.PATCH('/v1/users/{name}', { params, body: { roles: held } });
    await answer(call).finally(() => queryClient.invalidateQueries({ queryKey: ['user', name] }));
    announce('Roles saved');
    await queryClient.invalidateQueries({ queryKey: ['users'] });
  });
  const changed = held.toSorted().join('\n') !== user.roles.toSorted().join('\n');
  const about = `A role taken away is gone at once, also for programs that use ${firstName(user)}’s key.`;
  return (
    <Card title="Roles" about={about}>
      {roles.error && <ErrorState problem={roles.error} onRetry={() => void roles.refetch()} />}
      {roles.isPending && <SkeletonRows rows={3} />}
      {roles.data && (
        <div className={styles.form}>
          {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- Mantine draws the element, and gives it no role */}
          <Checkbox.Group value={held} onChange={setHeld} role="group" aria-label="Roles">
            <div className={styles.form}>
              {roles.data.map((role) => (
                <Checkbox
                  key={role}
                  value={role}
                  label={role}
                  disabled={user.name === 'Administrator' && role === 'System Manager'}
                />
              ))}
            </div>
          </Checkbox.Group>
          {save.problem !== undefined && <Notice tone="bad">{describeProblem(save.problem)}</Notice>}
          <div>
            <Button loading={save.pending} disabled={!changed} onClick={() => void save.run()}>
              Save roles
            </Button>
          </div>
        </div>
      )}
    </Card>
  );
}
