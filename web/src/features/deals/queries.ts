/** What is read of deals. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, asQuery, take, takeWithTag } from '@/api/client';
import { keys } from '@/api/keys';

export interface DealFilters {
  q?: string;
  pipeline_id?: number;
  stage_id?: number;
  customer_id?: number;
  status?: string;
  /** A person's id, or `none`. */
  owner_id?: string;
  sort?: string;
  page?: number;
}

const PAGE = 25;
const PER_STAGE = 50;

export const pipelinesQuery = queryOptions({
  queryKey: keys.deals.pipelines,
  staleTime: 5 * 60_000,
  queryFn: () => take(api.GET('/api/pipelines')),
  select: (listed) => listed.results,
});

export const boardQuery = (filters: DealFilters) =>
  queryOptions({
    queryKey: keys.deals.board({ ...filters }),
    queryFn: () =>
      take(api.GET('/api/deals/board', { params: { query: asQuery({ per_stage: PER_STAGE, ...filters }) } })),
    placeholderData: keepPreviousData,
  });

export const dealsQuery = (filters: DealFilters) =>
  queryOptions({
    queryKey: keys.deals.list({ ...filters }),
    queryFn: () => take(api.GET('/api/deals', { params: { query: asQuery({ limit: PAGE, ...filters }) } })),
    placeholderData: keepPreviousData,
  });

/** A deal with the version that the next change must name. */
export const dealQuery = (id: number) =>
  queryOptions({
    queryKey: keys.deals.one(id),
    queryFn: () => takeWithTag(api.GET('/api/deals/{id}', { params: { path: { id } } })),
  });

export const historyQuery = (id: number) =>
  queryOptions({
    queryKey: keys.deals.history(id),
    queryFn: () => take(api.GET('/api/deals/{id}/history', { params: { path: { id } } })),
    select: (listed) => listed.results,
  });

export const forecastQuery = (filters: DealFilters) =>
  queryOptions({
    queryKey: keys.deals.forecast({ ...filters }),
    queryFn: () => take(api.GET('/api/deals/forecast', { params: { query: asQuery(filters) } })),
  });

export const lossesQuery = (filters: DealFilters) =>
  queryOptions({
    queryKey: keys.deals.losses({ ...filters }),
    queryFn: () => take(api.GET('/api/deals/losses', { params: { query: asQuery(filters) } })),
  });
