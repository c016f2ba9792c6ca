import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api.js';
import { rolesQuery, usersCountQuery } from '../../queries.js';
import { toast } from '../../ui/announce.js';
import { ConfirmDialog } from '../../ui/ConfirmDialog.js';
import { countWords } from '../../ui/count-words.js';
import { RoleTag } from '../../ui/Tag.js';
import styles from './RolesScreen.module.css';

const BUILT_IN = 'System Manager';

export function RoleRow({ role }: { role: string }) {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const { data: holders } = useQuery(usersCountQuery({ role }));
  const remove = async () => {
    await api.DELETE('/v1/roles/{name}', { params: { path: { name: role } } });
    await queryClient.invalidateQueries({ queryKey: rolesQuery.queryKey });
    toast(`Role ${role} deleted`);
    document.querySelector('h1')?.focus(); // the row is gone
  };
  return (
    <li>
      <RoleTag role={role} />
      <span className={styles.holders}>
        {holders && (
          <Link to="/users" search={{ role }}>
            {holders.count === 1 && !holders.atLeast ? '1 user' : `${countWords(holders)} users`}
          </Link>
        )}
      </span>
      {role === BUILT_IN ? (
        <span className={styles.note}>Built in</span>
      ) : holders && holders.count > 0 ? (
        <span className={styles.note}>In use</span>
      ) : (
        <Button
          variant="default"
          color="red"
          size="xs"
          aria-label={`Delete the role ${role}`}
          onClick={() => setAsking(true)}
        >
          Delete
        </Button>
      )}
      <ConfirmDialog
        opened={asking}
        title="Delete the role?"
        confirm="Delete"
        onConfirm={remove}
        onClose={() => setAsking(false)}
      >
        <p>Nobody has the role {role}. Programs that ask for it refuse everybody until it is made and given again.</p>
      </ConfirmDialog>
    </li>
  );
}
