import '@mantine/core/styles/Checkbox.layer.css';
import '@mantine/core/styles/InlineInput.layer.css';
import { Button, Checkbox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { isStale, type User } from '../../api.js';
import { rolesQuery } from '../../queries.js';
import { Card } from '../../ui/Card.js';
import { ErrorState } from '../../ui/ErrorState.js';
import { SaveProblem } from '../../ui/SaveProblem.js';
import { SkeletonRows } from '../../ui/SkeletonRows.js';
import { useFormFocus } from '../../ui/use-form-focus.js';
import type { UserDraft } from '../../ui/use-user-draft.js';
import { words } from '../../words/index.js';
import styles from './UserScreen.module.css';

interface Props {
  user: User;
  /** It outlives the tab. */
  edit: UserDraft<{ roles: string[] }>;
}

export function RolesTab({ user, edit }: Props) {
  const known = useQuery(rolesQuery);
  const { draft, setDraft, save } = edit;
  const form = useFormFocus(save.pending || isStale(save.problem));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save.run();
  };
  return (
    <Card title={words.user.roles} about={words.user.rolesAbout(user.fullName)}>
      {known.data ? (
        <form ref={form} className={styles.form} onSubmit={submit}>
          <Checkbox.Group
            value={draft.roles}
            onChange={(roles) => setDraft({ roles: roles.toSorted() })}
            // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- Mantine draws the element, and gives it no role
            role="group"
            aria-label={words.user.roles}
          >
            <div className={styles.form}>
              {known.data.map((role) => (
                <Checkbox
                  key={role}
                  value={role}
                  label={role}
                  disabled={user.name === 'Administrator' && role === 'System Manager'}
                />
              ))}
            </div>
          </Checkbox.Group>
          <SaveProblem edit={edit} user={user} />
          <div>
            <Button type="submit" loading={save.pending}>
              {words.user.saveRoles}
            </Button>
          </div>
        </form>
      ) : known.error ? (
        <ErrorState problem={known.error} onRetry={() => void known.refetch()} />
      ) : (
        <SkeletonRows rows={3} />
      )}
    </Card>
  );
}
