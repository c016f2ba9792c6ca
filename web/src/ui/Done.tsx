import { useMe } from '../session.js';
import { words } from '../words/index.js';
import styles from './Done.module.css';
import { Time } from './Time.js';

/** When something was done, and by whom where that is known. */
export function Done({ at, by }: { at: string; by: string | null }) {
  const { name } = useMe();
  const who = by === name ? words.key.you : by === 'command' ? words.key.command : by;
  return (
    <>
      <Time at={at} form="date" />
      {who !== null && <span className={styles.by}> {words.key.by(who)}</span>}
    </>
  );
}
