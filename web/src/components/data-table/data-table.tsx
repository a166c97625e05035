/**
 * The one list of the product: sticky header, rows of two densities, sorting, column choice, picking, keyboard, pages
 * or an endless list, and what stands in its place while loading, when empty, or in trouble. On a phone rows become
 * two lines.
 */
import { ChevronLeft, ChevronRight, SearchX } from 'lucide-react';
import { type ReactNode, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Listed } from '@/api/types';
import { Button, IconButton } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Empty, Skeleton, SkeletonRows, Trouble } from '@/components/ui/states';
import { useNarrow } from '@/components/use-narrow';
import { useKeys } from '../keyboard';
import type { Column } from './columns';
import type { Endless } from './endless';
import { isShown, type TableChoices, TableOptions, useTableOptions } from './options';
import { Rows } from './rows';
import type { Picking } from './selection';

export type { Column } from './columns';

interface DataTableProps<T> {
  /** Remembers columns and density between visits. */
  id: string;
  title: string;
  columns: readonly Column<T>[];
  /** A page of the list, or all of it as one scrolls. */
  query:
    | { data: Listed<T> | undefined; isPending: boolean; error: unknown; refetch: () => unknown }
    | Endless<T>;
  rowKey: (row: T) => string | number;
  /** The whole of a row on a phone: two lines. */
  compactRow: (row: T) => ReactNode;
  /** Acts on one row, revealed on hover and focus; always there when the list is for working through. */
  rowActions?: (row: T) => ReactNode;
  actionsShown?: boolean;
  /** Rows can be picked. */
  picking?: Picking;
  sort?: string | undefined;
  onSort?: (sort: string) => void;
  onPage?: (page: number) => void;
  toolbar?: ReactNode;
  /** At the toolbar's end: how many there are, and what is done with all of them. */
  aside?: ReactNode;
  /** Above the rows: what they are, where that is not plain. */
  note?: ReactNode;
  /** Where the choice of columns is kept outside, as by a saved view. */
  options?: TableChoices;
  empty: ReactNode;
  /** A search or filter is set, so that nothing found is not the same as nothing there. */
  narrowed?: boolean;
  onClear?: () => void;
}

export function DataTable<T extends object>(props: DataTableProps<T>) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const frame = useRef<HTMLElement>(null);
  useKeys({ '/': () => frame.current?.querySelector<HTMLElement>('input[type="search"]')?.focus() });
  const { query, toolbar, title, columns } = props;
  const own = useTableOptions(props.id);
  const options = props.options ?? own;
  const chosen = options.columns.join();
  const shown = useMemo(
    () => columns.filter((column) => isShown({ columns: chosen ? chosen.split(',') : [] }, column)),
    [columns, chosen],
  );
  const list = sourceOf(query);
  const body = () => {
    if (query.error && list.count === undefined)
      return <Trouble error={query.error} onRetry={() => void query.refetch()} />;
    if (list.count === undefined) return narrow ? <SkeletonRows rows={6} /> : <TableSkeleton />;
    if (list.count === 0) return props.narrowed ? <NothingFound onClear={props.onClear} /> : props.empty;
    return (
      <Rows
        {...props}
        narrow={narrow}
        columns={shown}
        dense={options.density === 'compact'}
        count={list.count}
        at={list.at}
        want={list.want}
      />
    );
  };
  return (
    <section ref={frame} aria-label={title} aria-busy={query.isPending} className="flex min-w-0 flex-col">
      {toolbar && (
        <div className="flex flex-wrap items-center gap-2 pb-3">
          {toolbar}
          <span className="grow max-md:hidden" />
          {props.aside && (
            <div className="flex items-center gap-2 max-md:w-full max-md:justify-between">{props.aside}</div>
          )}
          {!narrow && <TableOptions columns={columns} options={options} />}
        </div>
      )}
      {props.note}
      {list.count !== undefined && list.count > 0 && query.error ? (
        <Trouble small error={query.error} onRetry={() => void query.refetch()} />
      ) : null}
      <div className="rounded-card border border-line bg-surface">{body()}</div>
      {list.page && list.page.pages > 1 && <Paging listed={list.page} onPage={props.onPage} />}
      <span className="sr-only" role="status">
        {query.isPending ? t('common.loading') : ''}
      </span>
    </section>
  );
}

interface Source<T> {
  count: number | undefined;
  at: (index: number) => T | undefined;
  want?: Endless<T>['want'];
  page?: Listed<T>;
}

function sourceOf<T>(query: DataTableProps<T>['query']): Source<T> {
  if ('want' in query) return { count: query.total, at: query.at, want: query.want };
  const { data } = query;
  return {
    count: data?.results.length,
    at: (index) => data?.results[index],
    ...(data && { page: data }),
  };
}

function TableSkeleton() {
  const rows = ['w-40', 'w-28', 'w-36', 'w-32', 'w-44', 'w-28', 'w-36', 'w-40'];
  return (
    <div aria-hidden>
      <div className="h-10 border-b border-line" />
      {rows.map((width, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are alike and never move
        <div key={at} className="flex h-[52px] items-center gap-6 border-b border-line px-4 last:border-b-0">
          <Skeleton className={cx('h-3.5', width)} />
          <Skeleton className="h-5 w-20 rounded-full" />
          <Skeleton className="h-3.5 grow" />
          <Skeleton className="h-3.5 w-16" />
        </div>
      ))}
    </div>
  );
}

function NothingFound({ onClear }: { onClear: (() => void) | undefined }) {
  const { t } = useTranslation();
  return (
    <Empty
      icon={SearchX}
      title={t('common.noneFound')}
      hint={t('common.noneFoundHint')}
      action={onClear && <Button onClick={onClear}>{t('common.clearFilters')}</Button>}
    />
  );
}

function Paging<T>({ listed, onPage }: { listed: Listed<T>; onPage: ((page: number) => void) | undefined }) {
  const { t } = useTranslation();
  const from = (listed.page - 1) * listed.limit + 1;
  const to = from + listed.results.length - 1;
  return (
    <div className="flex items-center justify-end gap-1 pt-3 text-caption text-muted">
      <bdi className="tabular pe-2">{t('common.range', { from, to, total: listed.total })}</bdi>
      <IconButton
        label={t('common.previousPage')}
        icon={ChevronLeft}
        mirrored
        disabled={listed.page <= 1}
        onClick={() => onPage?.(listed.page - 1)}
      />
      <IconButton
        label={t('common.nextPage')}
        icon={ChevronRight}
        mirrored
        disabled={listed.page >= listed.pages}
        onClick={() => onPage?.(listed.page + 1)}
      />
    </div>
  );
}
