import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api.js';
import { rolesQuery, usersCountQuery } from '../../queries.js';
import { toast } from '../../ui/announce.js';
import { ConfirmDialog } from '../../ui/ConfirmDialog.js';
import { RoleTag } from '../../ui/Tag.js';
import { words } from '../../words/index.js';
import styles from './RolesScreen.module.css';

const BUILT_IN = 'System Manager';

export function RoleRow({ role }: { role: string }) {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const { data: holders } = useQuery(usersCountQuery({ role }));
  const remove = async () => {
    await api.DELETE('/v1/roles/{name}', { params: { path: { name: role } } });
    await queryClient.invalidateQueries({ queryKey: rolesQuery.queryKey });
    toast(words.roles.deleted(role));
    document.querySelector('h1')?.focus(); // the row is gone
  };
  return (
    <li>
      <RoleTag role={role} />
      <span className={styles.holders}>
        {holders && (
          <Link to="/users" search={{ role }}>
            {words.users.count(holders)}
          </Link>
        )}
      </span>
      {role === BUILT_IN ? (
        <span className={styles.note}>{words.roles.builtIn}</span>
      ) : holders && holders.count > 0 ? (
        <span className={styles.note}>{words.roles.inUse}</span>
      ) : (
        <Button
          variant="default"
          color="red"
          size="xs"
          aria-label={words.roles.deleteRole(role)}
          onClick={() => setAsking(true)}
        >
          {words.roles.delete}
        </Button>
      )}
      <ConfirmDialog
        opened={asking}
        title={words.roles.deleteTitle}
        confirm={words.roles.delete}
        onConfirm={remove}
        onClose={() => setAsking(false)}
      >
        <p>{words.roles.deleteAbout(role)}</p>
      </ConfirmDialog>
    </li>
  );
}
