import '@mantine/core/styles/ActionIcon.layer.css';
import '@mantine/core/styles/PasswordInput.layer.css';
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answer, api } from '../../api.js';
import { fieldError, isBeyondFields, describeProblem } from '../../problem.js';
import { meQuery, useMe } from '../../session.js';
import { announce } from '../../ui/announce.js';
import { Card } from '../../ui/Card.js';
import { Notice } from '../../ui/Notice.js';
import { PASSWORD_TOGGLE } from '../../ui/password-toggle.js';
import { Stack } from '../../ui/Page.js';
import { useAction } from '../../ui/use-action.js';
import { firstName, type ReadUser } from './user-queries.js';
import styles from './UserScreen.module.css';

export function DetailsTab({ user, etag }: ReadUser) {
  const me = useMe();
  return (
    <Stack>
      <Profile user={user} etag={etag} />
      {user.name === me.name ? (
        <Card title="Password">
          <p>
            Your own password is changed in <Link to="/me">My access</Link>.
          </p>
        </Card>
      ) : (
        <NewPassword user={user} />
      )}
    </Stack>
  );
}

function Profile({ user, etag }: ReadUser) {
  const queryClient = useQueryClient();
  const router = useRouter();
  const me = useMe();
  const [fullName, setFullName] = useState(user.fullName);
  const save = useAction(async () => {
    const { name } = user;
    const params = { path: { name }, header: { 'If-Match': etag } };
    await answer(api.PATCH('/v1/users/{name}', { params, body: { fullName } }));
    announce('Saved');
    await queryClient.invalidateQueries({ queryKey: ['user', name] });
    await queryClient.invalidateQueries({ queryKey: ['users'] });
    if (name !== me.name) return;
    await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
    await router.invalidate();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save.run();
  };
  return (
    <Card title="Profile">
      <form className={styles.form} onSubmit={submit}>
        <TextInput
          label="Full name"
          value={fullName}
          onChange={(event) => setFullName(event.currentTarget.value)}
          error={fieldError(save.problem, 'fullName')}
          autoComplete="off"
        />
        <TextInput
          label="Email"
          value={user.email ?? ''}
          readOnly
          description={
            user.email === null ? 'Administrator has none.' : 'The email is the user’s name and cannot change.'
          }
          inputWrapperOrder={['label', 'input', 'description']}
        />
        {save.problem !== undefined && isBeyondFields(save.problem, ['fullName']) && (
          <Notice tone="bad">{describeProblem(save.problem)}</Notice>
        )}
        <div>
          <Button type="submit" loading={save.pending} disabled={fullName.trim() === user.fullName}>
            Save
          </Button>
        </div>
      </form>
    </Card>
  );
}

function NewPassword({ user }: Pick<ReadUser, 'user'>) {
  const queryClient = useQueryClient();
  const [password, setPassword] = useState('');
  const [done, setDone] = useState(false);
  const save = useAction(async () => {
    await answer(api.PATCH('/v1/users/{name}', { params: { path: { name: user.name } }, body: { password } }));
    setPassword('');
    setDone(true);
    announce('The new password is set');
    void queryClient.invalidateQueries({ queryKey: ['user', user.name, 'sessions'] });
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save.run();
  };
  const first = firstName(user);
  return (
    <Card title="Password" about={`A new password ends all of ${first}’s sessions. API keys keep working.`}>
      <form className={styles.form} onSubmit={submit}>
        <PasswordInput
          label="New password"
          value={password}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
            setDone(false);
          }}
          description="12 to 512 characters."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          error={fieldError(save.problem, 'password')}
          autoComplete="new-password"
          visibilityToggleButtonProps={PASSWORD_TOGGLE}
        />
        {done && <p className={styles.hint}>The new password is set. Tell {first} by a way that nobody else reads.</p>}
        {save.problem !== undefined && isBeyondFields(save.problem, ['password']) && (
          <Notice tone="bad">{describeProblem(save.problem)}</Notice>
        )}
        <div>
          <Button type="submit" variant="default" loading={save.pending} disabled={password === ''}>
            Set a new password
          </Button>
        </div>
      </form>
    </Card>
  );
}
