import { useQuery } from '@tanstack/react-query';
import type { User } from '../../api.js';
import { sessionsQuery } from '../../queries.js';
import { firstName } from './first-name.js';

/** What will die, in plain words. */
export function Consequences({ user, of }: { user: User; of: 'disabling' | 'deleting' }) {
  const { name } = user;
  const sessions = useQuery({ ...sessionsQuery(name), staleTime: 0 });
  const open = sessions.data?.length ?? 0;
  const first = firstName(user);
  const key = user.key === null ? 'There is no API key.' : `The API key is ${user.key.apiKey}.`;
  if (of === 'deleting') {
    return (
      <p>
        This cannot be undone. {first}’s API key, sessions and roles go with the user. The key is never given to anyone
        else, not even to a new user of the same name. {key}
      </p>
    );
  }
  return (
    <p>
      {first} can no longer log in
      {user.key?.state === 'live' && ', and the live API secret is refused at once'}.{' '}
      {open === 1 ? '1 open session ends now. ' : open > 1 ? `${open} open sessions end now. ` : ''}
      Roles and the API key are kept, so you can enable the user again.
    </p>
  );
}
