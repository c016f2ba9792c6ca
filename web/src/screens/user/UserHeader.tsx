import '@mantine/core/styles/Menu.layer.css';
import '@mantine/core/styles/Popover.layer.css';
import { Button, Menu } from '@mantine/core';
import IconChevronRight from '@tabler/icons-react/icons/IconChevronRight';
import IconDots from '@tabler/icons-react/icons/IconDots';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { answer, api, isStale } from '../../api.js';
import { describeProblem } from '../../problem.js';
import { toast } from '../../ui/announce.js';
import { Avatar } from '../../ui/Avatar.js';
import { ConfirmDialog } from '../../ui/ConfirmDialog.js';
import { CopyButton } from '../../ui/CopyButton.js';
import { EnabledBadge } from '../../ui/EnabledBadge.js';
import { Notice } from '../../ui/Notice.js';
import { useHeading } from '../../ui/PageHeading.js';
import { StaleNotice } from '../../ui/StaleNotice.js';
import { RoleTag } from '../../ui/Tag.js';
import { useAction } from '../../ui/use-action.js';
import { Consequences } from './Consequences.js';
import { type ReadUser, usersAsLeft } from '../../queries.js';
import { words } from '../../words/index.js';
import styles from './UserScreen.module.css';

export function UserHeader({ user, etag }: ReadUser) {
  const [asking, setAsking] = useState<'disable' | 'delete'>();
  const queryClient = useQueryClient();
  const { data: asLeft = {} } = useQuery(usersAsLeft);
  const navigate = useNavigate();
  const heading = useHeading(user.fullName);
  const { name } = user;
  const change = { params: { path: { name }, header: { 'If-Match': etag } } };
  const forget = async () => {
    await queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' });
  };
  const setEnabled = async (enabled: boolean) => {
    await answer(api.PATCH('/v1/users/{name}', { ...change, body: { enabled } })).finally(forget);
    toast((enabled ? words.user.enabled : words.user.disabled)(user.fullName));
  };
  const enable = useAction(() => setEnabled(true));
  const remove = async () => {
    try {
      await api.DELETE('/v1/users/{name}', change);
    } catch (error) {
      if (isStale(error)) await forget();
      throw error;
    }
    await navigate({ to: '/users', replace: true });
    queryClient.removeQueries({ queryKey: ['user', name] });
    toast(words.user.deleted(user.fullName));
    await forget();
  };
  return (
    <>
      <nav className={styles.crumbs} aria-label={words.user.breadcrumb}>
        <Link to="/users" search={asLeft}>
          {words.user.users}
        </Link>
        <IconChevronRight size={14} aria-hidden="true" />
        <span aria-current="page">{user.fullName}</span>
      </nav>
      <div className={styles.head}>
        <Avatar name={user.fullName} large dull={!user.enabled} />
        <div className={styles.names}>
          <div className={styles.title}>
            <h1 ref={heading} tabIndex={-1}>
              {user.fullName}
            </h1>
            <EnabledBadge enabled={user.enabled} />
            {user.roles.includes('System Manager') && <RoleTag role="System Manager" />}
          </div>
          <div className={styles.email}>
            {name}
            <CopyButton text={name} what={words.ui.copy.userName} />
          </div>
        </div>
        {name !== 'Administrator' && (
          <Menu position="bottom-end" width={180}>
            <Menu.Target>
              <Button variant="default" aria-label={words.user.more}>
                <IconDots size={18} aria-hidden="true" />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {user.enabled ? (
                <Menu.Item onClick={() => setAsking('disable')}>{words.user.disable}</Menu.Item>
              ) : (
                <Menu.Item onClick={() => void enable.run()}>{words.user.enable}</Menu.Item>
              )}
              <Menu.Item className={styles.danger} onClick={() => setAsking('delete')}>
                {words.user.delete}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      {isStale(enable.problem) ? (
        <StaleNotice user={user} onSaveAnyway={enable.run} onUseNew={enable.forget} pending={enable.pending} />
      ) : (
        enable.problem !== undefined && <Notice tone="bad">{describeProblem(enable.problem)}</Notice>
      )}
      <ConfirmDialog
        opened={asking === 'disable'}
        title={words.user.disableTitle(user.fullName)}
        confirm={words.user.disable}
        onConfirm={() => setEnabled(false)}
        onClose={() => setAsking(undefined)}
        user={user}
      >
        <Consequences user={user} of="disabling" />
      </ConfirmDialog>
      <ConfirmDialog
        opened={asking === 'delete'}
        title={words.user.deleteTitle(user.fullName)}
        confirm={words.user.delete}
        onConfirm={remove}
        onClose={() => setAsking(undefined)}
        user={user}
      >
        <Consequences user={user} of="deleting" />
      </ConfirmDialog>
    </>
  );
}
