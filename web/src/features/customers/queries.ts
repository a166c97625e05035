import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, asQuery, take, takeWithTag } from '@/api/client';
import { keys } from '@/api/keys';
import type { Customer } from '@/api/types';
import { ENDLESS_PAGE, type PageOf } from '@/components/data-table/endless';

const PAGE = 25;

export const customersQuery = (filters: Record<string, string | number>) =>
  queryOptions({
    queryKey: keys.customers.list({ ...filters }),
    queryFn: () =>
      take(api.GET('/api/crm/customers', { params: { query: asQuery({ limit: PAGE, ...filters }) } })),
    placeholderData: keepPreviousData,
  });

/** The pages of a list of any length. */
export const customerPages =
  (filters: Record<string, string>): PageOf<Customer> =>
  (place, signal) => {
    const query = asQuery({ ...filters, ...place, limit: ENDLESS_PAGE });
    return take(api.GET('/api/crm/customers', { params: { query }, signal }));
  };

/** A customer with the version that the next change must name. */
export const customerQuery = (id: number) =>
  queryOptions({
    queryKey: keys.customers.one(id),
    queryFn: () => takeWithTag(api.GET('/api/crm/customers/{id}', { params: { path: { id } } })),
  });
