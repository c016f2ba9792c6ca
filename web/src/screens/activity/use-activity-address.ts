import { useNavigate, useSearch } from '@tanstack/react-router';
import { activitySearch, type ActivitySearch } from '../../search-params.js';

/** What the address says of the activity, and how to change it. */
export function useActivityAddress() {
  const search = useSearch({ from: '/logged-in/managers/activity' });
  const navigate = useNavigate();
  return {
    search,
    filtered: Object.values(search).some((value) => value !== undefined),
    change: (changes: Partial<Record<keyof ActivitySearch, string | undefined>>) =>
      void navigate({
        to: '/activity',
        search: (now) => activitySearch({ ...now, ...changes }),
        resetScroll: false,
      }),
    onClear: () => void navigate({ to: '/activity', resetScroll: false }),
  };
}

export type ActivityAddress = ReturnType<typeof useActivityAddress>;
