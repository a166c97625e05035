/** What the server knows of conversations. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { Thread } from '@/api/types';
import { ENDLESS_PAGE, type PageOf } from '@/components/data-table/endless';
import { useSayProblem } from '@/components/ui/toast';
import { type Chat, withNewest, withOlder } from './chat-cache';

const MESSAGES_PAGE = 50;
const NOTES = 100;
const TEXTS = 100;

const onThread = (id: number) => ({ params: { path: { id } } });

/** The pages of the list of conversations. */
export const threadPages =
  (filters: Record<string, string>): PageOf<Thread> =>
  (place, signal) => {
    const query = asQuery({ ...filters, ...place, limit: ENDLESS_PAGE });
    return take(api.GET('/api/crm/threads', { params: { query }, signal }));
  };

export const threadQuery = (id: number) =>
  queryOptions({
    queryKey: keys.threads.one(id),
    queryFn: () => take(api.GET('/api/crm/threads/{id}', onThread(id))),
  });

/** A customer's conversations; usually one. */
export const threadsOfQuery = (customer: number) => {
  const filters = { customer_id: customer, limit: 25 };
  return queryOptions({
    queryKey: keys.threads.list(filters),
    queryFn: () => take(api.GET('/api/crm/threads', { params: { query: asQuery(filters) } })),
  });
};

const messagesPage = (id: number, cursor?: string) =>
  take(
    api.GET('/api/crm/threads/{id}/messages', {
      params: {
        path: { id },
        query: asQuery({ limit: MESSAGES_PAGE, ...(cursor && { cursor }) }),
      },
    }),
  );

/** Asked again, it brings the newest page; what one has scrolled back to stays. */
export const chatQuery = (id: number) =>
  queryOptions({
    queryKey: keys.messages.ofThread(id),
    queryFn: async ({ client }): Promise<Chat> => {
      const page = await messagesPage(id);
      return withNewest(client.getQueryData<Chat>(keys.messages.ofThread(id)), page);
    },
    structuralSharing: true,
  });

/** Fetches the messages before those that are here. */
export function useOlder(thread: number) {
  const client = useQueryClient();
  const onError = useSayProblem();
  const key = keys.messages.ofThread(thread);
  return useMutation({
    mutationFn: (cursor: string) => messagesPage(thread, cursor),
    onSuccess: (page) => {
      client.setQueryData<Chat>(key, (before) => before && withOlder(before, page));
    },
    onError,
  });
}

export interface Days {
  /** The first moment, and the first moment after. */
  from?: string;
  to?: string;
}

/** What was written with a customer in some days, the newest first. */
export const messagesOfQuery = (customer: number, { from, to }: Days) => {
  const filters = { customer_id: customer, limit: 100, ...(from && { from }), ...(to && { to }) };
  return queryOptions({
    queryKey: keys.messages.ofCustomer(filters),
    queryFn: () => take(api.GET('/api/whatsapp/messages', { params: { query: asQuery(filters) } })),
  });
};

export const notesQuery = (thread: number) =>
  queryOptions({
    queryKey: keys.threads.notes(thread),
    queryFn: () =>
      take(
        api.GET('/api/crm/threads/{id}/notes', {
          params: { path: { id: thread }, query: asQuery({ limit: NOTES }) },
        }),
      ),
    select: (listed) => listed.results,
  });

export const cannedQuery = queryOptions({
  queryKey: keys.cannedReplies,
  staleTime: 5 * 60_000,
  queryFn: () => take(api.GET('/api/canned_replies', { params: { query: asQuery({ limit: TEXTS }) } })),
  select: (listed) => listed.results,
});

export const templatesQuery = queryOptions({
  queryKey: keys.templates,
  staleTime: 5 * 60_000,
  queryFn: () => take(api.GET('/api/whatsapp/templates', { params: { query: asQuery({ limit: TEXTS }) } })),
  select: (listed) => listed.results,
});

/** By which ways this business can write now. */
export const waysQuery = queryOptions({
  queryKey: keys.whatsapp.provider,
  staleTime: 60_000,
  queryFn: () => take(api.GET('/api/whatsapp/provider')),
});
