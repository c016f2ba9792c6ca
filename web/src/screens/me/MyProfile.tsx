import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answer, api } from '../../api.js';
import { fieldError, isBeyondFields, describeProblem } from '../../problem.js';
import { meQuery, useMe } from '../../session.js';
import { announce } from '../../ui/announce.js';
import { Card } from '../../ui/Card.js';
import { Notice } from '../../ui/Notice.js';
import { RoleTag } from '../../ui/Tag.js';
import { useAction } from '../../ui/use-action.js';
import { useFormFocus } from './use-form-focus.js';
import styles from './MeScreen.module.css';

const MAX_LENGTH = 140;

export function MyProfile() {
  const me = useMe();
  const queryClient = useQueryClient();
  const router = useRouter();
  const [fullName, setFullName] = useState(me.fullName);
  const [saved, setSaved] = useState(false);
  const save = useAction(async () => {
    await answer(api.PATCH('/v1/users/{name}', { params: { path: { name: me.name } }, body: { fullName } }));
    announce('Your full name is saved');
    await queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' });
    // Nothing observes that query, so that it would not be asked again for being invalid.
    const { fullName: now } = await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
    setFullName(now);
    setSaved(true);
    await router.invalidate();
  });
  const form = useFormFocus(save.pending, false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save.run();
  };
  return (
    <Card title="Profile">
      <form ref={form} className={styles.form} onSubmit={submit}>
        <div className={styles.pair}>
          <TextInput
            label="Full name"
            value={fullName}
            onChange={(event) => {
              setFullName(event.currentTarget.value);
              setSaved(false);
            }}
            maxLength={MAX_LENGTH}
            autoComplete="name"
            required
            withAsterisk={false}
            error={fieldError(save.problem, 'fullName')}
          />
          <TextInput label={me.name.includes('@') ? 'Email' : 'User name'} value={me.name} readOnly />
        </div>
        <div>
          <p className={styles.label}>Roles</p>
          {me.roles.length === 0 ? (
            <p className={styles.muted}>None. A System Manager gives them.</p>
          ) : (
            <p className={styles.roles}>
              {me.roles.map((role) => (
                <RoleTag key={role} role={role} />
              ))}
            </p>
          )}
        </div>
        {save.problem !== undefined && isBeyondFields(save.problem, ['fullName']) && (
          <Notice tone="bad">{describeProblem(save.problem)}</Notice>
        )}
        <div className={styles.end}>
          <Button type="submit" loading={save.pending}>
            Save
          </Button>
          {saved && <span className={styles.done}>Saved</span>}
        </div>
      </form>
    </Card>
  );
}
