/** One change of many customers: asked for, followed while it runs, and taken back. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, open, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { Bulk } from '@/api/types';
import { isOver } from '@/api/work';
import type { Selection } from '@/components/data-table/selection';
import { sayProblem } from '@/components/ui/toast';

/** Progress is told by events; this is for when they do not arrive. */
const ASK_AGAIN_MS = 1_500;

export interface Change {
  set?: object;
  add_tags?: string[];
  remove_tags?: string[];
  delete?: boolean;
}

/** The change that runs or was the last. */
export function useBulk() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [id, setId] = useState<number | null>(null);
  const { data } = useQuery({
    queryKey: keys.bulk(id ?? 0),
    queryFn: () => take(api.GET('/api/crm/bulk/{id}', { params: { path: { id: id ?? 0 } } })),
    enabled: id !== null,
    refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : ASK_AGAIN_MS),
  });
  const current = id === null ? undefined : data;
  const over = current && isOver(current) ? current.status : undefined;
  useEffect(() => {
    if (over) void client.invalidateQueries({ queryKey: keys.customers.all });
  }, [over, client]);
  const onError = (error: unknown) => sayProblem(t, error);
  const start = useMutation({
    mutationFn: ({ picked, filter, change }: { picked: Selection; filter: object; change: Change }) => {
      const { set, ...rest } = change;
      const which = picked.all ? { filter: open(filter) } : { ids: [...picked.ids] };
      return take(
        api.POST('/api/crm/customers/bulk', { body: { ...which, ...rest, ...(set && { set: open(set) }) } }),
      );
    },
    onSuccess: (accepted) => setId(accepted.id),
    onError,
  });
  const undo = useMutation({
    mutationFn: (bulk: number) =>
      take(api.POST('/api/crm/bulk/{id}/undo', { params: { path: { id: bulk } } })),
    onSuccess: (accepted) => {
      client.setQueryData<Bulk>(keys.bulk(accepted.id), (before) =>
        before ? { ...before, status: accepted.status } : before,
      );
      void client.invalidateQueries({ queryKey: keys.bulk(accepted.id) });
    },
    onError,
  });
  return {
    current,
    waiting: start.isPending || (id !== null && !current),
    start,
    undo,
    close: () => setId(null),
  };
}
