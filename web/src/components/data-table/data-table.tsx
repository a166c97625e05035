/**
 * The one list of the product: sticky header, rows of two densities, sorting, column choice, paging, keyboard, and
 * what stands in its place while loading, when empty, or in trouble. On a phone rows become two lines.
 */
import {
  columnVisibilityFeature,
  createColumnHelper,
  type Table,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { ArrowDown, ArrowUp, ChevronLeft, ChevronRight, SearchX } from 'lucide-react';
import { type ReactNode, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Listed } from '@/api/types';
import { Button, IconButton } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Empty, Skeleton, SkeletonRows, Trouble } from '@/components/ui/states';
import { useNarrow } from '@/components/use-narrow';
import { useKeys } from '../keyboard';
import { TableOptions, useTableOptions } from './options';

export interface Column<T> {
  id: string;
  title: string;
  cell: (row: T) => ReactNode;
  /** The field that the server sorts by. */
  sort?: string;
  /** CSS width; columns without one share what is left. */
  width?: string;
  /** Left out in windows narrower than this. */
  from?: 'lg' | 'xl';
  /** Cannot be switched off. */
  fixed?: boolean;
}

interface DataTableProps<T> {
  /** Remembers columns and density between visits. */
  id: string;
  title: string;
  columns: readonly Column<T>[];
  query: { data: Listed<T> | undefined; isPending: boolean; error: unknown; refetch: () => unknown };
  rowKey: (row: T) => string | number;
  /** The whole of a row on a phone: two lines. */
  compactRow: (row: T) => ReactNode;
  /** Acts on one row, revealed on hover and focus; always there when the list is for working through. */
  rowActions?: (row: T) => ReactNode;
  actionsShown?: boolean;
  sort?: string | undefined;
  onSort?: (sort: string) => void;
  onPage?: (page: number) => void;
  toolbar?: ReactNode;
  empty: ReactNode;
  /** A search or filter is set, so that nothing found is not the same as nothing there. */
  narrowed?: boolean;
  onClear?: () => void;
}

const features = tableFeatures({ columnVisibilityFeature });
const FROM = { lg: 'max-lg:hidden', xl: 'max-xl:hidden' } as const;

export function DataTable<T extends object>(props: DataTableProps<T>) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const frame = useRef<HTMLElement>(null);
  useRowKeys(frame);
  const { query, toolbar, title } = props;
  const options = useTableOptions(props.id);
  const rows = query.data?.results;
  const body = () => {
    if (query.error && !rows) return <Trouble error={query.error} onRetry={() => void query.refetch()} />;
    if (!rows) return narrow ? <SkeletonRows rows={6} /> : <TableSkeleton />;
    if (rows.length === 0) return props.narrowed ? <NothingFound onClear={props.onClear} /> : props.empty;
    return narrow ? (
      <NarrowRows {...props} rows={rows} />
    ) : (
      <WideRows {...props} rows={rows} options={options} />
    );
  };
  return (
    <section ref={frame} aria-label={title} aria-busy={query.isPending} className="flex min-w-0 flex-col">
      {toolbar && (
        <div className="flex flex-wrap items-center gap-2 pb-3">
          {toolbar}
          {!narrow && (
            <>
              <span className="grow" />
              <TableOptions columns={props.columns.filter((column) => !column.fixed)} options={options} />
            </>
          )}
        </div>
      )}
      <div className="rounded-card border border-line bg-surface">{body()}</div>
      {query.data && query.data.pages > 1 && <Paging listed={query.data} onPage={props.onPage} />}
      <span className="sr-only" role="status">
        {query.isPending ? t('common.loading') : ''}
      </span>
    </section>
  );
}

interface RowsProps<T> extends DataTableProps<T> {
  rows: readonly T[];
}

function WideRows<T extends object>(props: RowsProps<T> & { options: ReturnType<typeof useTableOptions> }) {
  const { t } = useTranslation();
  const { columns, rows, options, rowKey, rowActions } = props;
  const helper = useMemo(() => createColumnHelper<typeof features, T>(), []);
  const definitions = useMemo(
    () =>
      columns.map((column) =>
        helper.display({ id: column.id, header: column.title, cell: ({ row }) => column.cell(row.original) }),
      ),
    [columns, helper],
  );
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const data = rows as T[];
  const hidden = Object.fromEntries(options.hidden.map((id) => [id, false]));
  const table = useTable({
    features,
    columns: definitions,
    data,
    state: { columnVisibility: hidden },
    getRowId: (row) => String(rowKey(row)),
  }) as unknown as Table<typeof features, T>;
  return (
    <table className="w-full table-fixed border-separate border-spacing-0 text-cell">
      <thead>
        <tr>
          {table.getVisibleLeafColumns().map((column) => (
            <Heading key={column.id} column={byId.get(column.id)} {...props} />
          ))}
          {rowActions && (
            <th className={cx(HEAD, 'w-40')}>
              <span className="sr-only">{t('common.more')}</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {table.getRowModel().rows.map((row) => (
          <tr key={row.id} className="group relative transition-colors hover:bg-hover focus-within:bg-hover">
            {row.getVisibleCells().map((cell) => {
              const column = byId.get(cell.column.id);
              return (
                <td
                  key={cell.id}
                  className={cx(
                    'truncate border-b border-line px-4 group-last:border-b-0',
                    options.density === 'compact' ? 'h-10' : 'h-[52px]',
                    column?.from && FROM[column.from],
                  )}
                >
                  {column?.cell(row.original)}
                </td>
              );
            })}
            {rowActions && (
              <td className="border-b border-line pe-3 group-last:border-b-0">
                <div
                  className={cx(
                    'relative z-1 flex justify-end gap-1 transition-opacity',
                    !props.actionsShown &&
                      'opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 [@media(hover:none)]:opacity-100',
                  )}
                >
                  {rowActions(row.original)}
                </div>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const HEAD =
  'sticky top-[calc(4rem+var(--above,0px))] z-10 h-10 border-b border-line bg-surface px-4 text-start text-caption font-semibold text-muted first-letter:uppercase first:rounded-ss-card last:rounded-se-card';

function Heading<T>({
  column,
  sort,
  onSort,
}: {
  column: Column<T> | undefined;
  sort?: string | undefined;
  onSort?: (sort: string) => void;
}) {
  const { t } = useTranslation();
  if (!column) return null;
  const { sort: field, title } = column;
  const style = column.width ? { width: column.width } : undefined;
  const place = cx(HEAD, column.from && FROM[column.from]);
  if (!field || !onSort) {
    return (
      <th scope="col" className={place} style={style}>
        {title}
      </th>
    );
  }
  const direction = sort === field ? 'ascending' : sort === `-${field}` ? 'descending' : undefined;
  const Arrow = direction === 'ascending' ? ArrowUp : ArrowDown;
  return (
    <th scope="col" aria-sort={direction ?? 'none'} className={place} style={style}>
      <button
        type="button"
        className="group/sort -ms-1.5 inline-flex h-7 items-center gap-1 rounded-mark px-1.5 hover:bg-hover hover:text-ink"
        onClick={() => onSort(direction === 'descending' ? field : `-${field}`)}
      >
        {title}
        <Arrow
          aria-hidden
          className={cx(
            'size-3.5',
            !direction && 'opacity-0 group-hover/sort:opacity-50 group-focus-visible/sort:opacity-50',
          )}
        />
        {direction && (
          <span className="sr-only">
            {direction === 'ascending' ? t('common.sortedUp') : t('common.sortedDown')}
          </span>
        )}
      </button>
    </th>
  );
}

function NarrowRows<T>({ rows, rowKey, compactRow, rowActions }: RowsProps<T>) {
  return (
    <ul>
      {rows.map((row) => (
        <li
          key={rowKey(row)}
          className="relative flex items-center gap-2 border-b border-line px-4 py-3 last:border-b-0 focus-within:bg-hover active:bg-hover"
        >
          <div className="min-w-0 grow">{compactRow(row)}</div>
          {rowActions && <div className="relative z-1 flex shrink-0">{rowActions(row)}</div>}
        </li>
      ))}
    </ul>
  );
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

/** `j` and `k` walk the rows' links, `/` goes to the search. */
function useRowKeys(frame: React.RefObject<HTMLElement | null>): void {
  const walk = (step: 1 | -1) => {
    const links = [...(frame.current?.querySelectorAll<HTMLElement>('[data-row-link]') ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
    links[next]?.focus();
  };
  useKeys({
    j: () => walk(1),
    k: () => walk(-1),
    '/': () => frame.current?.querySelector<HTMLElement>('input[type="search"]')?.focus(),
  });
}
