import { useQuery } from '@tanstack/react-query';
import type { User } from '../../api.js';
import { sessionsQuery } from '../../queries.js';
import { words } from '../../words/index.js';

/** What will die, in plain words. */
export function Consequences({ user, of }: { user: User; of: 'disabling' | 'deleting' }) {
  const { name, fullName, key } = user;
  const sessions = useQuery({ ...sessionsQuery(name), staleTime: 0 });
  const open = sessions.data?.length ?? 0;
  return (
    <p>
      {of === 'deleting'
        ? words.user.deleteAbout(fullName, key?.apiKey)
        : words.user.disableAbout(fullName, key?.liveSecrets ?? 0, open)}
    </p>
  );
}
