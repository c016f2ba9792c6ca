import { useIsServerAway } from '../reachable.js';
import { words } from '../words/index.js';
import styles from './ServerAway.module.css';

/** Over whatever screen there is, which stays as it was. */
export function ServerAway() {
  const away = useIsServerAway();
  return <output className={styles.bar}>{away && words.layout.serverAway}</output>;
}
