import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { Ways } from '@/api/types';
import { sayProblem } from '@/components/ui/toast';

const SHOWN = 50;

export const notificationsQuery = queryOptions({
  queryKey: keys.notifications.list,
  queryFn: () => take(api.GET('/api/notifications', { params: { query: asQuery({ limit: SHOWN }) } })),
});

export const preferencesQuery = queryOptions({
  queryKey: keys.notifications.preferences,
  queryFn: () => take(api.GET('/api/notifications/preferences')),
});

export function useMarkRead() {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (which: { ids: number[] } | { all: true }) =>
      take(api.POST('/api/notifications/read', { body: which })),
    onError: (error) => sayProblem(t, error),
    onSettled: () => client.invalidateQueries({ queryKey: keys.notifications.all }),
  });
}

export type Way = keyof Ways;

interface WayChange {
  kind: string;
  way: Way;
  on: boolean;
}

/** Shown at once, and taken back if the server refuses. */
export function useChangeWay() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const queryKey = keys.notifications.preferences;
  return useMutation({
    mutationFn: ({ kind, way, on }: WayChange) =>
      take(api.PATCH('/api/notifications/preferences', { body: { kinds: { [kind]: { [way]: on } } } })),
    onMutate: ({ kind, way, on }) =>
      client.setQueryData(preferencesQuery.queryKey, (before) => {
        const ways = before?.kinds[kind];
        return before && ways ? { kinds: { ...before.kinds, [kind]: { ...ways, [way]: on } } } : before;
      }),
    onError: (error) => {
      sayProblem(t, error);
      void client.invalidateQueries({ queryKey });
    },
  });
}
