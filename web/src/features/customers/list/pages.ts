import { api, asQuery, take } from '@/api/client';
import type { Customer } from '@/api/types';
import { ENDLESS_PAGE, type PageOf } from '@/components/data-table/endless';

/** The pages of a list of any length. */
export const customerPages =
  (filters: Record<string, string>): PageOf<Customer> =>
  (place, signal) => {
    const query = asQuery({ ...filters, ...place, limit: ENDLESS_PAGE });
    return take(api.GET('/api/crm/customers', { params: { query }, signal }));
  };
