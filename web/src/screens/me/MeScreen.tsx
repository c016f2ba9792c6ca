import { useMe } from '../../session.js';
import { Avatar } from '../../ui/Avatar.js';
import { Page, Stack } from '../../ui/Page.js';
import { useHeading } from '../../ui/PageHeading.js';
import { RoleTag } from '../../ui/Tag.js';
import { MyKey } from './MyKey.js';
import { MyPassword } from './MyPassword.js';
import { MyProfile } from './MyProfile.js';
import { MySessions } from './MySessions.js';
import styles from './MeScreen.module.css';

export function MeScreen() {
  const { name, fullName, roles } = useMe();
  const heading = useHeading('My access');
  return (
    <Page narrow>
      <div className={styles.head}>
        <Avatar name={fullName} large />
        <div>
          <h1 ref={heading} tabIndex={-1}>
            My access
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
        <MyKey />
        <MyProfile />
        <MyPassword />
        <MySessions />
      </Stack>
    </Page>
  );
}
