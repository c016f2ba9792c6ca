import '@mantine/core/styles/Popover.layer.css';
import '@mantine/core/styles/Menu.layer.css';
import { type MantineColorScheme, Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import IconLogout from '@tabler/icons-react/icons/IconLogout';
import IconSelector from '@tabler/icons-react/icons/IconSelector';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { describeProblem } from '../problem.js';
import { logOut, useMe } from '../session.js';
import { Avatar } from '../ui/Avatar.js';
import { useAction } from '../ui/use-action.js';
import { words } from '../words/index.js';
import styles from './UserMenu.module.css';

const SCHEMES: [MantineColorScheme, string][] = [
  ['light', words.layout.light],
  ['dark', words.layout.dark],
  ['auto', words.layout.system],
];

/** It would put a <style> into the page for a moment otherwise. */
const KEEP = { keepTransitions: true };

export function UserMenu() {
  const { fullName, roles } = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme(KEEP);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const leave = useAction(async () => {
    await logOut(queryClient);
    await navigate({ to: '/login' });
  });
  return (
    <Menu position="top-start" width={212}>
      <Menu.Target>
        <UnstyledButton className={styles.user}>
          <Avatar name={fullName} />
          <span className={styles.who}>
            <span className={styles.name}>{fullName}</span>
            <span className={styles.role}>{role(roles)}</span>
          </span>
          <IconSelector size={17} aria-hidden="true" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{words.layout.appearance}</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as MantineColorScheme)}>
          {SCHEMES.map(([value, text]) => (
            <Menu.RadioItem key={value} value={value}>
              {text}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={17} />} closeMenuOnClick={false} onClick={() => void leave.run()}>
          {words.layout.logOut}
        </Menu.Item>
        {leave.problem !== undefined && (
          <div role="alert" className={styles.problem}>
            {describeProblem(leave.problem)}
          </div>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function role(roles: readonly string[]): string {
  return roles.find((one) => one === 'System Manager') ?? roles[0] ?? words.ui.noRoles;
}
