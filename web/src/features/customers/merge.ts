/** Making two records of one person one, and taking that back. */
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take, takeWithTag } from '@/api/client';
import { keys } from '@/api/keys';
import type { Customer, CustomerPatch } from '@/api/types';
import { say, sayProblem } from '@/components/ui/toast';

export const duplicatesQuery = (id: number) =>
  queryOptions({
    queryKey: keys.customers.duplicates(id),
    staleTime: 5 * 60_000,
    queryFn: () => take(api.GET('/api/crm/customers/{id}/duplicates', { params: { path: { id } } })),
  });

const mergesQuery = (id: number) =>
  queryOptions({
    queryKey: keys.customers.merges(id),
    queryFn: () => take(api.GET('/api/crm/customers/{id}/merges', { params: { path: { id } } })),
  });

const MERGES_TOLD = 100;

/** Who went up in this customer, with the names under which the timeline tells of it. */
export function useMerges(id: number) {
  const merges = useQuery(mergesQuery(id));
  const found = merges.data?.results.filter(({ undone_at }) => !undone_at) ?? [];
  const told = useQuery({
    queryKey: [...keys.customers.merges(id), 'names'],
    enabled: found.length > 0,
    queryFn: () =>
      take(
        api.GET('/api/customers/{id}/timeline', {
          params: { path: { id }, query: asQuery({ types: 'change', limit: MERGES_TOLD }) },
        }),
      ),
  });
  const name = (merge: number) =>
    told.data?.items.find(({ ref_id }) => ref_id === `merge:${merge}`)?.title.replace(/^[^:]*: /, '');
  return found.map((merge) => ({ ...merge, name: name(merge.id) ?? null }));
}

interface Merging {
  kept: Customer;
  other: Customer;
  /** What the kept one takes from the other though it has something there. */
  taken: CustomerPatch;
}

/** Merges, and then writes what was chosen from the other: so nothing is written unless the merge was done. */
export function useMerge() {
  const client = useQueryClient();
  const undo = useUndoMerge();
  const { t } = useTranslation();
  return useMutation({
    mutationFn: async ({ kept, other, taken }: Merging) => {
      const id = kept.id;
      const merged = await takeWithTag(
        api.POST('/api/crm/customers/{id}/merge', {
          params: { path: { id } },
          body: { other_id: other.id },
        }),
      );
      if (Object.keys(taken).length > 0)
        await take(
          api.PATCH('/api/crm/customers/{id}', {
            params: { path: { id } },
            body: taken,
            headers: merged.etag ? { 'If-Match': merged.etag } : {},
          }),
        );
      return merged.body.merge_id;
    },
    onSuccess: (merge, { kept, other, taken }) =>
      say(t('sameCustomer.merged', { name: other.name }), () =>
        undo.mutate({ merge, restore: { id: kept.id, fields: former(kept, taken) } }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: keys.customers.all }),
  });
}

function former(customer: Customer, taken: CustomerPatch): CustomerPatch {
  const fields = Object.keys(taken) as (keyof CustomerPatch & keyof Customer)[];
  return Object.fromEntries(fields.map((field) => [field, customer[field] ?? null]));
}

interface Undoing {
  merge: number;
  /** What the kept one had before something was taken over. */
  restore?: { id: number; fields: CustomerPatch };
}

export function useUndoMerge() {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ merge, restore }: Undoing) => {
      await take(api.POST('/api/crm/customers/merges/{id}/undo', { params: { path: { id: merge } } }));
      if (restore && Object.keys(restore.fields).length > 0)
        await take(
          api.PATCH('/api/crm/customers/{id}', {
            params: { path: { id: restore.id } },
            body: restore.fields,
          }),
        );
    },
    onSuccess: () => say(t('sameCustomer.undone')),
    onError: (error) => sayProblem(t, error),
    onSettled: () => client.invalidateQueries({ queryKey: keys.customers.all }),
  });
}
