import IconBook from '@tabler/icons-react/icons/IconBook';
import IconChartBar from '@tabler/icons-react/icons/IconChartBar';
import IconHistory from '@tabler/icons-react/icons/IconHistory';
import IconShield from '@tabler/icons-react/icons/IconShield';
import IconUserCircle from '@tabler/icons-react/icons/IconUserCircle';
import IconUsers from '@tabler/icons-react/icons/IconUsers';
import { Link } from '@tanstack/react-router';
import { isManager, useMe } from '../session.js';
import { words } from '../words/index.js';
import styles from './Navigation.module.css';

/** The server says so in the page: the reference can be switched off. */
const HAS_REFERENCE = 'docs' in document.body.dataset;

export function Navigation() {
  const manager = isManager(useMe());
  return (
    <nav className={styles.nav} aria-label={words.layout.navigation}>
      {manager && (
        <>
          <Link to="/overview">
            <IconChartBar size={19} aria-hidden="true" /> {words.layout.overview}
          </Link>
          <Link to="/users" activeOptions={{ includeSearch: false }}>
            <IconUsers size={19} aria-hidden="true" /> {words.layout.users}
          </Link>
          <Link to="/roles">
            <IconShield size={19} aria-hidden="true" /> {words.layout.roles}
          </Link>
          <Link to="/activity" activeOptions={{ includeSearch: false }}>
            <IconHistory size={19} aria-hidden="true" /> {words.layout.activity}
          </Link>
        </>
      )}
      <Link to="/me">
        <IconUserCircle size={19} aria-hidden="true" /> {words.layout.myAccess}
      </Link>
      {HAS_REFERENCE && (
        <a href="/docs">
          <IconBook size={19} aria-hidden="true" /> {words.layout.reference}
        </a>
      )}
    </nav>
  );
}
