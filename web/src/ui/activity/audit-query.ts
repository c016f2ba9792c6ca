import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answer, api, type AuditPage, type AuditQuery } from '../../api.js';
import type { ActivitySearch } from '../../search-params.js';

const PAGE = 50;
const OWN_PAGE = 10;
const NEWEST = 10;
/** The trail grows with whatever is done in the page, too: it is asked for whenever it is shown. */
const staleTime = 0;

/** The last of what has happened. */
export const newestActivity = queryOptions({
  queryKey: ['audit', 'newest'],
  queryFn: async ({ signal }) => (await readPage({ limit: NEWEST }, signal)).data,
  staleTime,
});

/** Page by page, the newest first; of oneself by `own`. */
export function activityPages(filters: AuditQuery | 'own') {
  return infiniteQueryOptions({
    queryKey: ['audit', 'pages', filters],
    queryFn: ({ signal, pageParam }) => {
      const page = { limit: filters === 'own' ? OWN_PAGE : PAGE, ...(pageParam !== null && { cursor: pageParam }) };
      return filters === 'own'
        ? answer(api.GET('/v1/me/audit', { params: { query: page }, signal }))
        : readPage({ ...filters, ...page }, signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    staleTime,
  });
}

/** The same path has rows without pages for who asks for them. */
async function readPage(query: AuditQuery, signal: AbortSignal): Promise<AuditPage> {
  return (await answer(api.GET('/v1/audit', { params: { query }, signal }))) as AuditPage;
}

/** As the server takes them: days of the viewer become moments. */
export function auditFilters({ from, to, ...exact }: ActivitySearch): AuditQuery {
  const known = Object.entries({ ...exact, from: startOf(from), to: startOf(to, 1) });
  return Object.fromEntries(known.filter(([, value]) => value !== undefined));
}

/** When that day begins where the viewer is, or one so many days later. */
function startOf(day: string | undefined, later = 0): string | undefined {
  if (day === undefined) return undefined;
  const start = new Date(`${day}T00:00`);
  start.setDate(start.getDate() + later);
  return start.toISOString();
}
