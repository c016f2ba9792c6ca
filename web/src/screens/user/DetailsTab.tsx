import '@mantine/core/styles/ActionIcon.layer.css';
import '@mantine/core/styles/PasswordInput.layer.css';
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api, isStale, type User } from '../../api.js';
import { describeProblem, fieldError, isBeyondFields } from '../../problem.js';
import { readUser, sessionsQuery, userQuery } from '../../queries.js';
import { useMe } from '../../session.js';
import { toast } from '../../ui/announce.js';
import { Card } from '../../ui/Card.js';
import { Notice } from '../../ui/Notice.js';
import { PASSWORD_TOGGLE } from '../../ui/password-toggle.js';
import { Stack } from '../../ui/Page.js';
import { SaveProblem } from '../../ui/SaveProblem.js';
import { useAction } from '../../ui/use-action.js';
import { useFormFocus } from '../../ui/use-form-focus.js';
import type { UserDraft } from '../../ui/use-user-draft.js';
import { words } from '../../words/index.js';
import styles from './UserScreen.module.css';

interface Props {
  user: User;
  /** Of the full name. It outlives the tab. */
  edit: UserDraft<{ fullName: string }>;
}

export function DetailsTab({ user, edit }: Props) {
  const me = useMe();
  return (
    <Stack>
      <Profile user={user} edit={edit} />
      {user.name === me.name ? (
        <Card title={words.user.password}>
          <p>
            {words.user.ownPassword((name) => (
              <Link to="/me">{name}</Link>
            ))}
          </p>
        </Card>
      ) : (
        <NewPassword user={user} />
      )}
    </Stack>
  );
}

function Profile({ user, edit }: Props) {
  const { draft, setDraft, save } = edit;
  const form = useFormFocus(save.pending || isStale(save.problem));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save.run();
  };
  return (
    <Card title={words.user.profile}>
      <form ref={form} className={styles.form} onSubmit={submit}>
        <TextInput
          label={words.user.fullName}
          value={draft.fullName}
          onChange={(event) => setDraft({ fullName: event.currentTarget.value })}
          error={fieldError(save.problem, 'fullName')}
          autoComplete="off"
        />
        <TextInput
          label={words.user.email}
          value={user.email ?? ''}
          readOnly
          description={user.email === null ? words.user.noEmail : words.user.emailAbout}
          inputWrapperOrder={['label', 'input', 'description']}
        />
        <SaveProblem edit={edit} user={user} fields={['fullName']} />
        <div>
          <Button type="submit" loading={save.pending}>
            {words.ui.save}
          </Button>
        </div>
      </form>
    </Card>
  );
}

function NewPassword({ user }: Pick<Props, 'user'>) {
  const queryClient = useQueryClient();
  const [password, setPassword] = useState('');
  const [done, setDone] = useState(false);
  const save = useAction(async () => {
    const saved = await api.PATCH('/v1/users/{name}', { params: { path: { name: user.name } }, body: { password } });
    queryClient.setQueryData(userQuery(user.name).queryKey, readUser(saved)); // its ETag is another
    setPassword('');
    setDone(true);
    toast(words.user.passwordSet);
    void queryClient.invalidateQueries(sessionsQuery(user.name));
  });
  const form = useFormFocus(save.pending);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save.run();
  };
  return (
    <Card title={words.user.password} about={words.user.passwordAbout(user.fullName)}>
      <form ref={form} className={styles.form} onSubmit={submit}>
        <PasswordInput
          label={words.user.newPassword}
          value={password}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
            setDone(false);
          }}
          description={words.user.passwordLength}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          error={fieldError(save.problem, 'password')}
          autoComplete="new-password"
          required
          withAsterisk={false}
          visibilityToggleButtonProps={PASSWORD_TOGGLE}
        />
        {done && <p className={styles.hint}>{words.user.passwordSetAbout(user.fullName)}</p>}
        {save.problem !== undefined && isBeyondFields(save.problem, ['password']) && (
          <Notice tone="bad">{describeProblem(save.problem)}</Notice>
        )}
        <div>
          <Button type="submit" variant="default" loading={save.pending}>
            {words.user.setPassword}
          </Button>
        </div>
      </form>
    </Card>
  );
}
