/** What the frame around every page needs to know about the business: who waits, and which calls run. */
import { queryOptions } from '@tanstack/react-query';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';

const WAITING_SHOWN = 50;
const LIVE_SHOWN = 20;

/** Those who wait for a callback, oldest first. */
export const waitingQuery = queryOptions({
  queryKey: keys.calls.waiting,
  queryFn: () =>
    take(api.GET('/api/calls/waiting', { params: { query: asQuery({ limit: WAITING_SHOWN }) } })),
});

export const waitingCountQuery = queryOptions({ ...waitingQuery, select: (listed) => listed.total });

const UNREAD = { unread: true, limit: 1 };

/** How many conversations have something new. */
export const unreadCountQuery = queryOptions({
  queryKey: keys.threads.list(UNREAD),
  queryFn: () => take(api.GET('/api/crm/threads', { params: { query: asQuery(UNREAD) } })),
  select: (listed) => listed.total,
});

/** The states of a task that is still to be done. */
export const TO_DO = 'open,snoozed';

/** How much is to be done before then, by whomever: the same as the list of tasks shows. */
export const dueCountQuery = (before: string) => {
  const filters = { status: TO_DO, due_before: before, limit: 1 };
  return queryOptions({
    queryKey: keys.tasks.list(filters),
    queryFn: () => take(api.GET('/api/tasks', { params: { query: asQuery(filters) } })),
    select: (listed) => listed.total,
  });
};

export const liveCallsQuery = queryOptions({
  queryKey: keys.calls.live,
  queryFn: () =>
    take(
      api.GET('/api/crm/calls', { params: { query: asQuery({ status: 'in-progress', limit: LIVE_SHOWN }) } }),
    ),
  select: (listed) => listed.results,
});
