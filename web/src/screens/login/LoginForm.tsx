import '@mantine/core/styles/ActionIcon.layer.css';
import '@mantine/core/styles/PasswordInput.layer.css';
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useRef } from 'react';
import { isUnauthenticated } from '../../api.js';
import { Notice } from '../../ui/Notice.js';
import { PASSWORD_TOGGLE } from '../../ui/password-toggle.js';
import type { Action } from '../../ui/use-action.js';
import { words } from '../../words/index.js';
import type { Credentials } from './LoginScreen.js';
import styles from './LoginScreen.module.css';
import { useRefusal } from './use-refusal.js';

interface Props {
  action: Action<never>;
  onLogIn: (credentials: Credentials) => void;
}

export function LoginForm({ action, onLogIn }: Props) {
  const { text, waiting } = useRefusal(action.problem);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isUnauthenticated(action.problem)) password.current?.select();
  }, [action.problem]);
  // Uncontrolled: what a password manager has filled in before React came is read as well.
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    onLogIn({ user: String(fields.get('user')).trim(), password: String(fields.get('password')) });
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {text !== undefined && <Notice tone="bad">{text}</Notice>}
      <TextInput
        size="md"
        label={words.login.user}
        name="user"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        withAsterisk={false}
        autoFocus
      />
      <PasswordInput
        size="md"
        label={words.login.password}
        name="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        ref={password}
        visibilityToggleButtonProps={PASSWORD_TOGGLE}
      />
      <Button size="md" type="submit" fullWidth loading={action.pending} disabled={waiting}>
        {words.login.logIn}
      </Button>
      <p className={styles.hint}>{words.login.hint}</p>
    </form>
  );
}
