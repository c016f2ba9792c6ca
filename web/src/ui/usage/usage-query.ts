import { queryOptions } from '@tanstack/react-query';
import { answer, api, type UsageCount } from '../../api.js';

/** Whose usage: of all secrets where nothing is said. */
export type UsageOf = { user: string } | { secretId: string } | Record<never, never>;

/** What a node has counted is written that often. */
const WRITTEN_MS = 30_000;

/** How often secrets were used on each of the last 30 days, today last. */
export function usageQuery(of: UsageOf) {
  return queryOptions({
    queryKey: ['usage', of],
    queryFn: async ({ signal }) => (await answer(api.GET('/v1/usage', { params: { query: of }, signal }))).data,
    staleTime: WRITTEN_MS,
  });
}

/** Of all those days together. */
export function sumOf(days: readonly UsageCount[]): Pick<UsageCount, 'accepted' | 'limited'> {
  const sum = (series: 'accepted' | 'limited') => days.reduce((total, day) => total + day[series], 0);
  return { accepted: sum('accepted'), limited: sum('limited') };
}
