import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, asQuery, take, takeWithTag } from '@/api/client';
import { keys } from '@/api/keys';

export interface CustomerFilters {
  page?: number;
  q?: string;
  sort?: string;
  status?: string;
  created_from?: string;
  limit?: number;
}

const PAGE = 25;

export const customersQuery = (filters: CustomerFilters) =>
  queryOptions({
    queryKey: keys.customers.list({ ...filters }),
    queryFn: () =>
      take(api.GET('/api/crm/customers', { params: { query: asQuery({ limit: PAGE, ...filters }) } })),
    placeholderData: keepPreviousData,
  });

/** A customer with the version that the next change must name. */
export const customerQuery = (id: number) =>
  queryOptions({
    queryKey: keys.customers.one(id),
    queryFn: () => takeWithTag(api.GET('/api/crm/customers/{id}', { params: { path: { id } } })),
  });
