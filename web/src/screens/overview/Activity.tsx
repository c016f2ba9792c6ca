import IconBan from '@tabler/icons-react/icons/IconBan';
import IconKey from '@tabler/icons-react/icons/IconKey';
import IconRefresh from '@tabler/icons-react/icons/IconRefresh';
import { Link } from '@tanstack/react-router';
import type { Overview } from '../../api.js';
import { useMe } from '../../session.js';
import { Card } from '../../ui/Card.js';
import { Time } from '../../ui/Time.js';
import { words } from '../../words/index.js';
import styles from './Activity.module.css';

type Event = Overview['activity'][number];

const ICONS: Record<Event['event'], typeof IconKey> = {
  generated: IconKey,
  regenerated: IconRefresh,
  revoked: IconBan,
};

export function Activity({ events }: { events: readonly Event[] }) {
  return (
    <Card title={words.overview.activity} flush>
      <ul className={styles.list}>
        {events.map((event) => (
          <Row key={event.at + event.event + event.user.name} {...event} />
        ))}
      </ul>
    </Card>
  );
}

function Row({ at, event, user, by }: Event) {
  const me = useMe();
  const Icon = ICONS[event];
  const who = by === me.name ? words.overview.you : by === 'command' ? words.overview.command : by;
  return (
    <li>
      <span className={`${styles.icon} ${event === 'revoked' ? styles.bad : ''}`}>
        <Icon size={17} aria-hidden="true" />
      </span>
      <span className={styles.what}>
        {words.overview.did[event](
          <b>{who}</b>,
          <Link to="/user/$name" params={{ name: user.name }} search={{ tab: 'api-access' }}>
            {user.fullName}
          </Link>,
        )}
      </span>
      <span className={styles.when}>
        <Time at={at} />
      </span>
    </li>
  );
}
