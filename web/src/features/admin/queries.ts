/** What the administration reads and does. After every change the lists are fetched anew. */
import { keepPreviousData, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { Business } from '@/api/types';
import { say, useSayProblem } from '@/components/ui/toast';

const PAGE = 25;
const EVERY_MS = 15_000;

export const statsQuery = queryOptions({
  queryKey: keys.platform.stats,
  queryFn: () => take(api.GET('/api/admin/stats')),
});

export interface NamedBusiness {
  id: number;
  name: string;
}

/** All businesses by name: for menus, and for rows that only know a business's id. */
export function useBusinessNames(): { businesses: NamedBusiness[]; name: (id: number) => string | null } {
  const { data } = useQuery(statsQuery);
  const businesses = (data?.per_business ?? []).map(({ business_id, name }) => ({ id: business_id, name }));
  return { businesses, name: (id) => businesses.find((business) => business.id === id)?.name ?? null };
}

export interface BusinessFilters {
  q?: string;
  sort?: string;
  active?: boolean;
  page?: number;
}

export const businessesQuery = (filters: BusinessFilters) =>
  queryOptions({
    queryKey: keys.platform.businesses({ ...filters }),
    queryFn: () =>
      take(api.GET('/api/businesses', { params: { query: asQuery({ limit: PAGE, ...filters }) } })),
    placeholderData: keepPreviousData,
  });

export const jobsQuery = queryOptions({
  queryKey: keys.platform.jobs,
  refetchInterval: EVERY_MS,
  queryFn: () => take(api.GET('/api/admin/jobs')),
});

export const enginesQuery = queryOptions({
  queryKey: keys.engines,
  refetchInterval: EVERY_MS,
  queryFn: () => take(api.GET('/api/voice/engines')),
});

export const versionQuery = queryOptions({
  queryKey: keys.platform.version,
  queryFn: () => take(api.GET('/version')),
});

/** Closes a business and opens it again. */
export function useActivity() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const shared = {
    onError: useSayProblem(),
    onSettled: () => client.invalidateQueries({ queryKey: keys.platform.all }),
  };
  const at = ({ id }: Business) => ({ params: { path: { id } } });
  const reactivate = useMutation({
    ...shared,
    mutationFn: (business: Business) => take(api.POST('/api/businesses/{id}/reactivate', at(business))),
    onSuccess: ({ name }) => say(t('admin.business.reactivated', { name })),
  });
  const deactivate = useMutation({
    ...shared,
    mutationFn: (business: Business) => take(api.POST('/api/businesses/{id}/deactivate', at(business))),
    onSuccess: (after) =>
      say(t('admin.business.deactivated', { name: after.name }), () => reactivate.mutate(after)),
  });
  return { deactivate, reactivate };
}
