import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { isStale } from '../../api.js';
import { fieldError } from '../../problem.js';
import { type ReadUser, userQuery } from '../../queries.js';
import { useMe } from '../../session.js';
import { Card } from '../../ui/Card.js';
import { ErrorState } from '../../ui/ErrorState.js';
import { SaveProblem } from '../../ui/SaveProblem.js';
import { SkeletonRows } from '../../ui/SkeletonRows.js';
import { RoleTag } from '../../ui/Tag.js';
import { useFormFocus } from '../../ui/use-form-focus.js';
import { useUserDraft } from '../../ui/use-user-draft.js';
import { words } from '../../words/index.js';
import styles from './MeScreen.module.css';

const MAX_LENGTH = 140;

export function MyProfile() {
  const { name } = useMe();
  const { data, error, refetch } = useQuery(userQuery(name));
  return (
    <Card title={words.me.profile}>
      {data ? (
        <Profile {...data} />
      ) : error ? (
        <ErrorState problem={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={2} />
      )}
    </Card>
  );
}

function Profile(read: ReadUser) {
  const { user } = read;
  const edit = useUserDraft(read, ({ fullName }) => ({ fullName }));
  const { draft, setDraft, save } = edit;
  const form = useFormFocus(save.pending || isStale(save.problem));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save.run();
  };
  return (
    <form ref={form} className={styles.form} onSubmit={submit}>
      <div className={styles.pair}>
        <TextInput
          label={words.me.fullName}
          value={draft.fullName}
          onChange={(event) => setDraft({ fullName: event.currentTarget.value })}
          maxLength={MAX_LENGTH}
          autoComplete="name"
          required
          withAsterisk={false}
          error={fieldError(save.problem, 'fullName')}
        />
        <TextInput label={user.email === null ? words.me.userName : words.me.email} value={user.name} readOnly />
      </div>
      <div>
        <p className={styles.label}>{words.me.roles}</p>
        {user.roles.length === 0 ? (
          <p className={styles.muted}>{words.me.noRoles}</p>
        ) : (
          <p className={styles.roles}>
            {user.roles.map((role) => (
              <RoleTag key={role} role={role} />
            ))}
          </p>
        )}
      </div>
      <SaveProblem edit={edit} user={user} fields={['fullName']} />
      <div>
        <Button type="submit" loading={save.pending}>
          {words.ui.save}
        </Button>
      </div>
    </form>
  );
}
