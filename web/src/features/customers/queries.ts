import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, asQuery, take, takeWithTag } from '@/api/client';
import { keys } from '@/api/keys';

const PAGE = 25;

export const customersQuery = (filters: Record<string, string | number>) =>
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
