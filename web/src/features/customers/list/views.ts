/** Saved views of the customers' list: one's own, and those that the business shares. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, asQuery, open, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { SavedView } from '@/api/types';
import { say, sayProblem } from '@/components/ui/toast';
import { type Filters, readFilters, sameFilters } from './filters';

const MOST = 100;

export const viewsQuery = queryOptions({
  queryKey: keys.views('customers'),
  staleTime: 60_000,
  queryFn: () =>
    take(api.GET('/api/views', { params: { query: asQuery({ entity: 'customers', limit: MOST }) } })),
});

/** How the list stands: what a view keeps. */
export interface Standing {
  filters: Filters;
  sort: string | undefined;
  columns: readonly string[];
  density: 'comfortable' | 'compact';
}

export function standingOf(view: SavedView): Standing {
  return {
    filters: readFilters(view.filters),
    sort: view.sort ?? undefined,
    columns: view.columns,
    density: view.density === 'compact' ? 'compact' : 'comfortable',
  };
}

export function isChanged(view: SavedView, now: Standing): boolean {
  const kept = standingOf(view);
  return (
    !sameFilters(kept.filters, now.filters) ||
    kept.sort !== now.sort ||
    kept.columns.join() !== now.columns.join() ||
    kept.density !== now.density
  );
}

function bodyOf({ filters, sort, columns, density }: Standing) {
  return { filters: open(filters), sort: sort ?? null, columns: [...columns], density };
}

function useAfterwards() {
  const { t } = useTranslation();
  const client = useQueryClient();
  return {
    onError: (error: unknown) => sayProblem(t, error),
    onSettled: () => client.invalidateQueries({ queryKey: keys.views('customers') }),
  };
}

interface Named {
  name: string;
  shared: boolean;
}

export function useCreateView() {
  const afterwards = useAfterwards();
  return useMutation({
    ...afterwards,
    mutationFn: ({ name, shared, ...standing }: Named & Standing) =>
      take(api.POST('/api/views', { body: { entity: 'customers', name, shared, ...bodyOf(standing) } })),
  });
}

/** Renames, shares, or takes over how the list stands now. */
export function useChangeView() {
  const { t } = useTranslation();
  const afterwards = useAfterwards();
  return useMutation({
    ...afterwards,
    mutationFn: ({ id, named, standing }: { id: number; named?: Named; standing?: Standing }) =>
      take(
        api.PATCH('/api/views/{id}', {
          params: { path: { id } },
          body: { ...named, ...(standing && bodyOf(standing)) },
        }),
      ),
    onSuccess: () => say(t('customerList.viewSaved')),
  });
}

export function useDeleteView(onRestored: (view: SavedView) => void) {
  const { t } = useTranslation();
  const afterwards = useAfterwards();
  const create = useCreateView();
  return useMutation({
    ...afterwards,
    mutationFn: (view: SavedView) =>
      take(api.DELETE('/api/views/{id}', { params: { path: { id: view.id } } })),
    onSuccess: (_, view) =>
      say(t('customerList.viewDeleted', { name: view.name }), () =>
        create.mutate(
          { name: view.name, shared: view.shared, ...standingOf(view) },
          { onSuccess: onRestored },
        ),
      ),
  });
}
