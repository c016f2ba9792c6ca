import { useQuery } from '@tanstack/react-query';
import { keyQuery, sessionsQuery, userQuery } from '../../queries.js';
import { useMe } from '../../session.js';
import { Avatar } from '../../ui/Avatar.js';
import { Page, Stack } from '../../ui/Page.js';
import { useHeading } from '../../ui/PageHeading.js';
import { Sessions } from '../../ui/Sessions.js';
import { SkeletonRows } from '../../ui/SkeletonRows.js';
import { RoleTag } from '../../ui/Tag.js';
import { words } from '../../words/index.js';
import { MyActivity } from './MyActivity.js';
import { MyKey } from './MyKey.js';
import { MyPassword } from './MyPassword.js';
import { MyProfile } from './MyProfile.js';
import styles from './MeScreen.module.css';

export function MeScreen() {
  const { name, fullName, roles } = useMe();
  const heading = useHeading(words.me.title);
  // All at once: cards that come one after the other push each other down.
  const key = useQuery(keyQuery(name));
  const profile = useQuery(userQuery(name));
  const sessions = useQuery(sessionsQuery(name));
  const loading = key.isPending || profile.isPending || sessions.isPending;
  return (
    <Page narrow>
      <div className={styles.head}>
        <Avatar name={fullName} large />
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {words.me.title}
          </h1>
          <p className={styles.who}>
            {name}
            {roles.map((role) => (
              <RoleTag key={role} role={role} />
            ))}
          </p>
        </div>
      </div>
      <Stack>
        {loading ? (
          <SkeletonRows />
        ) : (
          <>
            <MyKey />
            <MyProfile />
            <MyPassword />
            <Sessions name={name} fullName={fullName} />
            <MyActivity />
          </>
        )}
      </Stack>
    </Page>
  );
}
