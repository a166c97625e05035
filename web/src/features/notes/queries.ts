/** What people write down about a customer. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { Note } from '@/api/types';
import { say, sayProblem } from '@/components/ui/toast';

const MOST = 100;

export const notesQuery = (customer: number) =>
  queryOptions({
    queryKey: keys.customers.notes(customer),
    queryFn: () =>
      take(
        api.GET('/api/crm/customers/{id}/notes', {
          params: { path: { id: customer }, query: asQuery({ limit: MOST }) },
        }),
      ),
  });

function useAfterwards(customer: number) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return {
    onError: (error: unknown) => sayProblem(t, error),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.customers.notes(customer) });
      void client.invalidateQueries({ queryKey: keys.customers.timeline(customer) });
    },
  };
}

interface Written {
  text: string;
  mentions: number[];
}

export function useWriteNote(customer: number) {
  const afterwards = useAfterwards(customer);
  return useMutation({
    ...afterwards,
    mutationFn: (written: Written) =>
      take(
        api.POST('/api/crm/customers/{id}/notes', {
          params: { path: { id: customer } },
          body: written,
        }),
      ),
  });
}

export function useChangeNote(customer: number) {
  const afterwards = useAfterwards(customer);
  return useMutation({
    ...afterwards,
    mutationFn: ({ id, ...written }: Written & { id: number }) =>
      take(api.PATCH('/api/crm/notes/{id}', { params: { path: { id } }, body: written })),
  });
}

export function useDeleteNote(customer: number) {
  const { t } = useTranslation();
  const afterwards = useAfterwards(customer);
  const write = useWriteNote(customer);
  return useMutation({
    ...afterwards,
    mutationFn: (note: Note) =>
      take(api.DELETE('/api/crm/notes/{id}', { params: { path: { id: note.id } } })),
    onSuccess: (_, { text, mentions }) =>
      say(t('sameCustomer.notes.deleted'), () => write.mutate({ text, mentions })),
  });
}
