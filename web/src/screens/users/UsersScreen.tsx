import { Button } from '@mantine/core';
import IconPlus from '@tabler/icons-react/icons/IconPlus';
import { useState } from 'react';
import { Page } from '../../ui/Page.js';
import { PageHeading } from '../../ui/PageHeading.js';
import { words } from '../../words/index.js';
import { NewUserDialog } from './NewUserDialog.js';
import { UsersList } from './UsersList.js';

export function UsersScreen() {
  const [adding, setAdding] = useState(false);
  return (
    <Page>
      <PageHeading
        title={words.users.title}
        about={words.users.about}
        aside={
          <Button leftSection={<IconPlus size={18} aria-hidden="true" />} onClick={() => setAdding(true)}>
            {words.users.new}
          </Button>
        }
      />
      <UsersList />
      <NewUserDialog opened={adding} onClose={() => setAdding(false)} />
    </Page>
  );
}
