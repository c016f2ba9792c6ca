import '@mantine/core/styles/ActionIcon.layer.css';
import '@mantine/core/styles/PasswordInput.layer.css';
import { Button, PasswordInput, TextInput } from '@mantine/core';
import type { FormEvent } from 'react';
import type { components } from '../../api.schema.js';
import { fieldError, isBeyondFields, Problem, describeProblem } from '../../problem.js';
import { Notice } from '../../ui/Notice.js';
import { PASSWORD_TOGGLE } from '../../ui/password-toggle.js';
import type { Action } from '../../ui/use-action.js';
import { words } from '../../words/index.js';
import { RoleChoice } from './RoleChoice.js';
import styles from './NewUserForm.module.css';

export type NewUser = components['schemas']['CreateUser'];

const FIELDS = ['email', 'fullName', 'roles', 'password'];
const NAME_LENGTH = 140;
const PASSWORD_LENGTH = { minLength: 12, maxLength: 512 };

/** Uncontrolled: the password is in its field and in the call, and nowhere else. */
export function NewUserForm({ action, onCancel }: { action: Action<[NewUser]>; onCancel: () => void }) {
  const { problem, pending } = action;
  const taken = problem instanceof Problem && problem.code === 'conflict' ? problem.detail : undefined;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void action.run(read(new FormData(event.currentTarget)));
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {problem !== undefined && taken === undefined && isBeyondFields(problem, FIELDS) && (
        <Notice tone="bad">{describeProblem(problem)}</Notice>
      )}
      <TextInput
        label={words.users.email}
        description={words.users.emailAbout}
        name="email"
        type="email"
        maxLength={NAME_LENGTH}
        autoComplete="off"
        spellCheck={false}
        required
        withAsterisk={false}
        data-autofocus
        error={fieldError(problem, 'email') ?? taken}
      />
      <TextInput
        label={words.users.fullName}
        name="fullName"
        maxLength={NAME_LENGTH}
        autoComplete="off"
        required
        withAsterisk={false}
        error={fieldError(problem, 'fullName')}
      />
      <RoleChoice error={fieldError(problem, 'roles')} />
      <PasswordInput
        {...PASSWORD_LENGTH}
        label={words.users.password}
        description={words.users.passwordAbout}
        name="password"
        autoComplete="new-password"
        visibilityToggleButtonProps={PASSWORD_TOGGLE}
        error={fieldError(problem, 'password')}
      />
      <div className={styles.buttons}>
        <Button variant="default" onClick={onCancel}>
          {words.ui.cancel}
        </Button>
        <Button type="submit" loading={pending}>
          {words.users.create}
        </Button>
      </div>
    </form>
  );
}

function read(fields: FormData): NewUser {
  const password = String(fields.get('password'));
  return {
    email: String(fields.get('email')).trim(),
    fullName: String(fields.get('fullName')).trim(),
    roles: fields.getAll('roles').map(String),
    ...(password === '' ? {} : { password }),
  };
}
