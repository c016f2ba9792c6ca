import { UnstyledButton } from '@mantine/core';
import IconMenu2 from '@tabler/icons-react/icons/IconMenu2';
import IconX from '@tabler/icons-react/icons/IconX';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useState } from 'react';
import { LIVE_REGION } from '../ui/announce.js';
import { words } from '../words/index.js';
import { Brand } from './Brand.js';
import { Navigation } from './Navigation.js';
import { UserMenu } from './UserMenu.js';
import styles from './Layout.module.css';

/** Side bar and screen; on a phone the side bar is a bar at the top that opens. */
export function Layout() {
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const [openedAt, setOpenedAt] = useState<string>();
  const opened = openedAt === path; // a link that is followed closes it
  const Icon = opened ? IconX : IconMenu2;
  return (
    <>
      <a className={styles.skip} href="#main">
        {words.layout.skip}
      </a>
      <div className={styles.frame}>
        {/* No header of the page's own: a dialog brings one. */}
        <section className={styles.side} aria-label="Latchkey" data-opened={opened}>
          <div className={styles.top}>
            <Brand />
            <UnstyledButton
              className={styles.opener}
              aria-label={opened ? words.layout.closeMenu : words.layout.openMenu}
              aria-expanded={opened}
              aria-controls="menu"
              onClick={() => setOpenedAt(opened ? undefined : path)}
            >
              <Icon size={22} aria-hidden="true" />
            </UnstyledButton>
          </div>
          <div id="menu" className={styles.menu}>
            <Navigation />
            <UserMenu />
          </div>
        </section>
        <main id="main" className={styles.main} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <div className={styles.region} {...LIVE_REGION} />
    </>
  );
}
