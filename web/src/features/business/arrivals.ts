/** Calls that show how far the business has come: tried in the browser, and come by phone. */
import { queryOptions } from '@tanstack/react-query';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';

export const testCallsQuery = queryOptions({
  queryKey: keys.calls.list({ test: true, limit: 1 }),
  queryFn: () => take(api.GET('/api/crm/calls', { params: { query: asQuery({ test: true, limit: 1 }) } })),
});

/** The newest calls that came by phone; a call's beginning refreshes it. */
export const arrivedQuery = queryOptions({
  queryKey: keys.calls.list({ direction: 'in', newest: true }),
  queryFn: () =>
    take(api.GET('/api/crm/calls', { params: { query: asQuery({ direction: 'in', limit: 5 }) } })),
  select: (listed) => listed.results,
});
