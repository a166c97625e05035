import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { Level, Spoken } from '@/realtime/events';

export interface CallFilters {
  page?: number;
  q?: string;
  sort?: string;
  direction?: string;
  outcome?: string;
  has_recording?: boolean;
  test?: boolean;
  customer_id?: number;
  /** From this time on. */
  from?: string;
  /** Somebody dealt with it from this time on. */
  handled_from?: string;
  needs_callback?: string;
  /** Only what statistics count. */
  counted?: boolean;
}

export interface WaitingFilters {
  from?: string;
  before?: string;
  reason?: string;
}

const PAGE = 25;

export const callsQuery = (filters: CallFilters) =>
  queryOptions({
    queryKey: keys.calls.list({ ...filters }),
    queryFn: () =>
      take(api.GET('/api/crm/calls', { params: { query: asQuery({ limit: PAGE, ...filters }) } })),
    placeholderData: keepPreviousData,
  });

const MOST_WAITING = 100;

/** Those who wait for a callback, narrowed. */
export const waitingOfQuery = (filters: WaitingFilters) =>
  queryOptions({
    queryKey: keys.calls.waitingOf({ ...filters }),
    queryFn: () =>
      take(
        api.GET('/api/calls/waiting', { params: { query: asQuery({ limit: MOST_WAITING, ...filters }) } }),
      ),
  });

export const callQuery = (id: number) =>
  queryOptions({
    queryKey: keys.calls.one(id),
    queryFn: () => take(api.GET('/api/crm/calls/{id}', { params: { path: { id: String(id) } } })),
  });

/** The words of a running call; realtime events fill it, nothing is fetched. */
export const spokenQuery = (id: number) =>
  queryOptions({
    queryKey: keys.calls.spoken(id),
    queryFn: (): Spoken[] => [],
    staleTime: Number.POSITIVE_INFINITY,
    enabled: false,
    initialData: [],
  });

export const levelQuery = (id: number) =>
  queryOptions({
    queryKey: keys.calls.level(id),
    queryFn: (): Level => SILENT,
    staleTime: Number.POSITIVE_INFINITY,
    enabled: false,
    initialData: SILENT,
  });

const SILENT: Level = { caller: 0, agent: 0 };
