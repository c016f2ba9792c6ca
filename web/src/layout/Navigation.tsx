import IconBook from '@tabler/icons-react/icons/IconBook';
import IconChartBar from '@tabler/icons-react/icons/IconChartBar';
import IconShield from '@tabler/icons-react/icons/IconShield';
import IconUserCircle from '@tabler/icons-react/icons/IconUserCircle';
import IconUsers from '@tabler/icons-react/icons/IconUsers';
import { Link } from '@tanstack/react-router';
import { isManager, useMe } from '../session.js';
import styles from './Navigation.module.css';

/** The server says so in the page: the reference can be switched off. */
const HAS_REFERENCE = 'docs' in document.body.dataset;

export function Navigation() {
  const manager = isManager(useMe());
  return (
    <nav className={styles.nav} aria-label="Main">
      {manager && (
        <>
          <Link to="/overview">
            <IconChartBar size={19} aria-hidden="true" /> Overview
          </Link>
          <Link to="/users" activeOptions={{ includeSearch: false }}>
            <IconUsers size={19} aria-hidden="true" /> Users
          </Link>
          <Link to="/roles">
            <IconShield size={19} aria-hidden="true" /> Roles
          </Link>
        </>
      )}
      <Link to="/me">
        <IconUserCircle size={19} aria-hidden="true" /> My access
      </Link>
      {HAS_REFERENCE && (
        <a href="/docs">
          <IconBook size={19} aria-hidden="true" /> API reference
        </a>
      )}
    </nav>
  );
}
