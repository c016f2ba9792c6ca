import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef } from 'react';
import { answer, api } from '../../api.js';
import { describeProblem, fieldError } from '../../problem.js';
import { rolesQuery } from '../../queries.js';
import { toast } from '../../ui/announce.js';
import { Card } from '../../ui/Card.js';
import { useAction } from '../../ui/use-action.js';
import { words } from '../../words/index.js';
import styles from './RolesScreen.module.css';

const MAX_LENGTH = 140;

export function NewRole() {
  const queryClient = useQueryClient();
  const field = useRef<HTMLInputElement>(null);
  const { run, pending, problem } = useAction(async (name: string) => {
    await answer(api.POST('/v1/roles', { body: { name } }));
    await queryClient.invalidateQueries({ queryKey: rolesQuery.queryKey });
    toast(words.roles.created(name));
  });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await run(field.current!.value.trim())) field.current!.value = '';
    field.current!.focus();
  };
  return (
    <Card title={words.roles.new}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <TextInput
          ref={field}
          label={words.roles.name}
          maxLength={MAX_LENGTH}
          autoComplete="off"
          required
          withAsterisk={false}
          error={problem === undefined ? undefined : (fieldError(problem, 'name') ?? describeProblem(problem))}
        />
        <Button type="submit" loading={pending}>
          {words.roles.create}
        </Button>
      </form>
    </Card>
  );
}
