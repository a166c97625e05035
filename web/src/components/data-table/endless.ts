/**
 * A list of any length, of which only what is in sight is asked for. Where one scrolls from page to page the server's
 * cursors lead on; where one jumps, the page's number does.
 */
import { keepPreviousData, type QueryKey, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Listed } from '@/api/types';

export const ENDLESS_PAGE = 100;
/** Rows asked for before they come into sight. */
const AHEAD = 40;
/** Somebody who drags the bar passes pages that they never look at. */
const REST_MS = 120;
const KEPT_MS = 2 * 60_000;

export interface Endless<T> {
  /** How many there are; unknown until the first answer. */
  total: number | undefined;
  /** What the rows were found by when nothing was found as it was typed. */
  meant: string | undefined;
  /** A row by its place; undefined while it is on its way. */
  at: (index: number) => T | undefined;
  /** These rows are in sight. */
  want: (first: number, last: number) => void;
  isPending: boolean;
  error: unknown;
  refetch: () => unknown;
}

/** One page: by the cursor of the page before where that is known, else by its number. */
export type PageOf<T> = (
  place: { cursor: string } | { page: number },
  signal: AbortSignal,
) => Promise<Listed<T>>;

/** `list` names the list with its filters and its order; pages are cached under it by their numbers. */
export function useEndless<T>(list: QueryKey, fetchPage: PageOf<T>): Endless<T> {
  const client = useQueryClient();
  const pageQuery = (page: number) => ({
    queryKey: [...list, page],
    queryFn: ({ signal }: { signal: AbortSignal }) => {
      const before = page > 0 ? client.getQueryData<Listed<T>>([...list, page - 1]) : undefined;
      const cursor = before?.next_cursor;
      return fetchPage(cursor ? { cursor } : { page: page + 1 }, signal);
    },
  });
  // While another filter's first page is on its way, what stood there stays.
  const first = useQuery({ ...pageQuery(0), placeholderData: keepPreviousData });
  const [wanted, setWanted] = useWanted(JSON.stringify(list));
  const others = useQueries({
    queries: wanted.map((page) => ({ ...pageQuery(page), gcTime: KEPT_MS })),
  });
  const loaded = new Map(wanted.map((page, at) => [page, others[at]?.data]));
  const at = (index: number) => {
    const page = Math.floor(index / ENDLESS_PAGE);
    const found =
      page === 0 ? first.data : (loaded.get(page) ?? client.getQueryData<Listed<T>>([...list, page]));
    return found?.results[index % ENDLESS_PAGE];
  };
  const failed = others.find((query) => query.isError && !query.data);
  return {
    total: first.data?.total,
    meant: first.data?.did_you_mean ?? undefined,
    at,
    want: setWanted,
    isPending: first.isPending,
    error: first.error ?? failed?.error,
    refetch: () => Promise.all([first, ...others].map((query) => query.refetch())),
  };
}

/** The pages beyond the first that are in sight; none again when the list becomes another one. */
function useWanted(list: string): [readonly number[], (first: number, last: number) => void] {
  const [wanted, setWanted] = useState<{ list: string; pages: readonly number[] }>({ list, pages: [] });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pages = wanted.list === list ? wanted.pages : [];
  const latest = useRef(pages);
  useEffect(() => {
    latest.current = pages;
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  const want = useCallback(
    (first: number, last: number) => {
      const next = pagesOf(Math.max(0, first - AHEAD), last + AHEAD);
      clearTimeout(timer.current);
      if (next.join() === latest.current.join()) return;
      const near = next.some((page) => page <= 1 || latest.current.includes(page));
      if (near) setWanted({ list, pages: next });
      else timer.current = setTimeout(() => setWanted({ list, pages: next }), REST_MS);
    },
    [list],
  );
  return [pages, want];
}

function pagesOf(first: number, last: number): number[] {
  const from = Math.max(1, Math.floor(first / ENDLESS_PAGE));
  const to = Math.floor(last / ENDLESS_PAGE);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
}
