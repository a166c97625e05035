/** What a business has added to every customer: statuses and fields of its own. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { CustomerStatusRow, OwnField } from '@/api/types';
import { usePermission } from '@/session/session';

const STALE_MS = 5 * 60_000;
const MOST = 100;
const BUILT_IN = ['new', 'contacted', 'qualified', 'customer', 'inactive'] as const;
type BuiltIn = (typeof BUILT_IN)[number];

export function isBuiltIn(status: string): status is BuiltIn {
  return (BUILT_IN as readonly string[]).includes(status);
}

export const statusesQuery = queryOptions({
  queryKey: keys.statuses,
  staleTime: STALE_MS,
  queryFn: () => take(api.GET('/api/customer_statuses')),
});

interface Statuses {
  /** Those that can be chosen, in their order. */
  keys: string[];
  name: (status: string) => string;
  own: CustomerStatusRow[];
}

export function useStatuses(): Statuses {
  const { t } = useTranslation();
  const may = usePermission('fields:read');
  const { data } = useQuery({ ...statusesQuery, enabled: may });
  const own = data?.results.filter(({ id }) => id != null) ?? [];
  const name = (status: string) =>
    isBuiltIn(status)
      ? t(`customers.status.${status}`)
      : (own.find(({ key }) => key === status)?.label ?? status);
  const keys = [...BUILT_IN, ...own.filter(({ archived }) => !archived).map(({ key }) => key)];
  return { keys, name, own };
}

export const ownFieldsQuery = queryOptions({
  queryKey: keys.ownFields,
  staleTime: STALE_MS,
  queryFn: () => take(api.GET('/api/custom_fields', { params: { query: asQuery({ limit: MOST }) } })),
});

const NONE: OwnField[] = [];

/** The fields that forms show, in their order. */
export function useOwnFields(): OwnField[] {
  const may = usePermission('fields:read');
  const { data } = useQuery({ ...ownFieldsQuery, enabled: may, select: inUse });
  return data ?? NONE;
}

function inUse({ results }: { results: OwnField[] }): OwnField[] {
  return results.filter(({ archived }) => !archived);
}

/** What a customer has in a field of the business's own. */
export function ownValue(custom: object, key: string): unknown {
  return (custom as Record<string, unknown>)[key];
}
