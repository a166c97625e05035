import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';

export interface AuditFilters {
  action?: string;
  actor_id?: number;
  record_type?: string;
  record_id?: number;
  /** Days, `2026-11-20`. */
  from?: string;
  to?: string;
  business_id?: number;
  page?: number;
}

const PAGE = 25;

export const auditQuery = (filters: AuditFilters) =>
  queryOptions({
    queryKey: keys.audit({ ...filters }),
    queryFn: () =>
      take(api.GET('/api/admin/audit', { params: { query: asQuery({ limit: PAGE, ...filters }) } })),
    placeholderData: keepPreviousData,
  });
