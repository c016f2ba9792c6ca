import '@mantine/core/styles/Checkbox.layer.css';
import '@mantine/core/styles/InlineInput.layer.css';
import { Checkbox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { rolesQuery } from '../../queries.js';
import { describeProblem } from '../../problem.js';
import { words } from '../../words/index.js';
import styles from './NewUserForm.module.css';

export function RoleChoice({ error }: { error: string | undefined }) {
  const { data: roles, error: problem } = useQuery(rolesQuery);
  const text = error ?? (roles === undefined && problem !== null ? describeProblem(problem) : undefined);
  return (
    <fieldset className={styles.roles}>
      <legend>{words.users.roles}</legend>
      <div className={styles.choice}>
        {roles?.map((role) => (
          <Checkbox key={role} name="roles" value={role} label={role} />
        ))}
      </div>
      {text !== undefined && (
        <p className={styles.error} role="alert">
          {text}
        </p>
      )}
    </fieldset>
  );
}
