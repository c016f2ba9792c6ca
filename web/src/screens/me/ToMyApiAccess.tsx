import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMe } from '../../session.js';
import { words } from '../../words/index.js';

/** Where a System Manager generates the own keys. */
export function ToMyApiAccess() {
  const { name } = useMe();
  return (
    <Button
      variant="default"
      renderRoot={(props) => <Link to="/user/$name" params={{ name }} search={{ tab: 'api-access' }} {...props} />}
    >
      {words.me.toApiAccess}
    </Button>
  );
}
