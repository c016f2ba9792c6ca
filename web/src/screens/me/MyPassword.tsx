import '@mantine/core/styles/ActionIcon.layer.css';
import '@mantine/core/styles/PasswordInput.layer.css';
import { Button, PasswordInput, type PasswordInputProps } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api } from '../../api.js';
import { fieldError, isBeyondFields, describeProblem } from '../../problem.js';
import { readUser, sessionsQuery, userQuery } from '../../queries.js';
import { useMe } from '../../session.js';
import { toast } from '../../ui/announce.js';
import { Card } from '../../ui/Card.js';
import { Notice } from '../../ui/Notice.js';
import { PASSWORD_TOGGLE } from '../../ui/password-toggle.js';
import { useAction } from '../../ui/use-action.js';
import { useFormFocus } from '../../ui/use-form-focus.js';
import { words } from '../../words/index.js';
import styles from './MeScreen.module.css';

const EMPTY = { currentPassword: '', password: '', again: '' };
const LENGTH = { minLength: 12, maxLength: 512 };
type Field = keyof typeof EMPTY;

export function MyPassword() {
  const { name } = useMe();
  const queryClient = useQueryClient();
  const [values, setValues] = useState(EMPTY);
  const [differs, setDiffers] = useState(false);
  const [changed, setChanged] = useState(false);
  const { run, pending, problem, forget } = useAction(async () => {
    const { currentPassword, password } = values;
    const params = { path: { name } };
    const saved = await api.PATCH('/v1/users/{name}', { params, body: { password, currentPassword } });
    queryClient.setQueryData(userQuery(name).queryKey, readUser(saved)); // its ETag is another
    setValues(EMPTY);
    setChanged(true);
    toast(words.me.passwordChanged);
    await queryClient.invalidateQueries(sessionsQuery(name));
  });
  const form = useFormFocus(pending, differs);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    forget();
    const different = values.password !== values.again;
    setDiffers(different);
    if (!different) void run();
  };
  const input = (field: Field, label: string, error: ReactNode, props: PasswordInputProps) => (
    <PasswordInput
      label={label}
      value={values[field]}
      onChange={({ currentTarget: { value } }) => {
        setValues({ ...values, [field]: value });
        setDiffers(false);
        setChanged(false);
      }}
      required
      withAsterisk={false}
      visibilityToggleButtonProps={PASSWORD_TOGGLE}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      error={error}
      aria-invalid={Boolean(error)} // unlike TextInput, it leaves that out
      {...props}
    />
  );
  return (
    <Card title={words.me.password} about={words.me.passwordAbout}>
      <form ref={form} className={styles.form} onSubmit={submit}>
        {/* For the password manager, to know whose password it is. */}
        <input hidden readOnly autoComplete="username" value={name} />
        <div className={styles.half}>
          {input('currentPassword', words.me.currentPassword, fieldError(problem, 'currentPassword'), {
            autoComplete: 'current-password',
          })}
        </div>
        <div className={styles.pair}>
          {input('password', words.me.newPassword, fieldError(problem, 'password'), {
            ...LENGTH,
            autoComplete: 'new-password',
            description: words.me.passwordLength,
          })}
          {input('again', words.me.confirmPassword, differs && words.me.passwordsDiffer, {
            autoComplete: 'new-password',
          })}
        </div>
        {problem !== undefined && isBeyondFields(problem, ['currentPassword', 'password']) && (
          <Notice tone="bad">{describeProblem(problem)}</Notice>
        )}
        <div className={styles.end}>
          <Button type="submit" loading={pending}>
            {words.me.changePassword}
          </Button>
          {changed && <span className={styles.done}>{words.me.passwordChangedAbout}</span>}
        </div>
      </form>
    </Card>
  );
}
