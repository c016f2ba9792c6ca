import { Button, PasswordInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { fieldError } from '../../problem.js';
import { Notice } from '../../ui/Notice.js';
import type { Action } from '../../ui/use-action.js';
import { words } from '../../words/index.js';
import styles from './LoginScreen.module.css';
import { useRefusal } from './use-refusal.js';

const LENGTH = { minLength: 12, maxLength: 512 };

interface Props {
  user: string;
  action: Action<never>;
  onChosen: (newPassword: string) => void;
}

/** After a log-in with a one-time password. */
export function ChoosePassword({ user, action, onChosen }: Props) {
  const refused = fieldError(action.problem, 'newPassword');
  const { text, waiting } = useRefusal(refused === undefined ? action.problem : undefined);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onChosen(String(new FormData(event.currentTarget).get('newPassword')));
  };
  return (
    <>
      <p className={styles.where}>{words.login.chooseAbout}</p>
      <form className={styles.form} onSubmit={submit}>
        {text !== undefined && <Notice tone="bad">{text}</Notice>}
        {/* For the password manager, to know whose password it is. */}
        <input hidden readOnly name="user" autoComplete="username" value={user} />
        <PasswordInput
          {...LENGTH}
          size="md"
          label={words.login.newPassword}
          description={words.login.atLeast}
          name="newPassword"
          autoComplete="new-password"
          required
          withAsterisk={false}
          autoFocus
          error={refused}
        />
        <Button size="md" type="submit" fullWidth loading={action.pending} disabled={waiting}>
          {words.login.set}
        </Button>
      </form>
    </>
  );
}
