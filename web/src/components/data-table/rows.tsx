/** The rows of a list: all of a page, or of an endless list those in sight. */
import {
  columnVisibilityFeature,
  createColumnHelper,
  type Table,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import {
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
} from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '@/components/ui/cx';
import { useWidths } from '@/components/use-narrow';
import type { Column } from './columns';
import { HEAD, Heading } from './heading';
import { NarrowRow, TableRow, Tick } from './row';
import { useRowKeys } from './row-keys';
import type { Picking } from './selection';
import { useSight } from './window';

interface RowsProps<T> {
  title: string;
  narrow: boolean;
  /** Those that are shown. */
  columns: readonly Column<T>[];
  dense: boolean;
  count: number;
  at: (index: number) => T | undefined;
  /** An endless list is told what is in sight. */
  want?: ((first: number, last: number) => void) | undefined;
  rowKey: (row: T) => string | number;
  compactRow: (row: T) => ReactNode;
  rowActions?: (row: T) => ReactNode;
  actionsShown?: boolean;
  picking?: Picking;
  sort?: string | undefined;
  onSort?: (sort: string) => void;
}

const ROW_PX = { comfortable: 52, compact: 40, narrow: 72 };
/** Below the last row there is room for the page's margin. */
const MARGIN_PX = 20;
const LEAST_PX = 320;

export function Rows<T extends object>(props: RowsProps<T>) {
  const { narrow, dense, count, at, want, picking } = props;
  const frame = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLElement>(null);
  const row_px = narrow ? ROW_PX.narrow : dense ? ROW_PX.compact : ROW_PX.comfortable;
  const scrolls = want !== undefined && !narrow;
  useRest(scrolls, scroller);
  const { reveal, ...inSight } = useSight({ count, row_px, scroller: scrolls ? scroller : null, area });
  const sight = want ? inSight : { first: 0, end: count };
  useEffect(() => want?.(sight.first, sight.end - 1), [want, sight.first, sight.end]);
  // Another list begins at its top.
  useEffect(() => {
    if (want && scroller.current) scroller.current.scrollTop = 0;
  }, [want]);
  const pick = usePick(props);
  const keys = useRowKeys({
    frame,
    count,
    reveal,
    onPick: picking && pick,
    onClear: picking && (picking.all || picking.ids.size > 0) ? picking.clear : undefined,
  });
  const drawn = Array.from({ length: sight.end - sight.first }, (_, offset) => {
    const index = sight.first + offset;
    return { index, row: at(index) };
  });
  const shared = { ...props, drawn, sight, area, row_px, pick };
  return (
    <div ref={frame} tabIndex={-1} className="outline-none" {...keys}>
      {narrow ? (
        <NarrowRows {...shared} />
      ) : (
        <div
          ref={scroller}
          className={
            scrolls ? 'overflow-auto overscroll-contain rounded-card [overflow-anchor:none]' : undefined
          }
        >
          <WideRows {...shared} scrolls={scrolls} />
        </div>
      )}
    </div>
  );
}

/** An endless list takes the rest of the window and scrolls by itself, so that its head and its foot stay in sight. */
function useRest(scrolls: boolean, scroller: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!scrolls || !element) return;
    const take = () => {
      const top_px = element.getBoundingClientRect().top + window.scrollY;
      const rest_px = Math.max(LEAST_PX, window.innerHeight - Math.round(top_px) - MARGIN_PX);
      const height = `${rest_px}px`;
      if (element.style.maxHeight !== height) element.style.maxHeight = height;
    };
    take();
    window.addEventListener('resize', take);
    return () => window.removeEventListener('resize', take);
  });
}

/** Picks a row, or all from the one picked last through this one. Keeps its identity, so that rows need not be redrawn. */
function usePick<T>({ picking, at, rowKey }: RowsProps<T>): (index: number, through: boolean) => void {
  const latest = useRef({ picking, at, rowKey });
  useEffect(() => {
    latest.current = { picking, at, rowKey };
  });
  return useCallback((index, through) => {
    const now = latest.current;
    if (!now.picking || now.picking.all) return;
    const id = (place: number) => {
      const row = now.at(place);
      return row === undefined ? [] : [Number(now.rowKey(row))];
    };
    const from = now.picking.anchor.current;
    if (through && from >= 0) {
      const [first, last] = from < index ? [from, index] : [index, from];
      const places = Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
      now.picking.add(places.flatMap(id));
    } else {
      for (const one of id(index)) now.picking.toggle(one);
    }
    now.picking.anchor.current = index;
  }, []);
}

interface Drawn<T> extends RowsProps<T> {
  drawn: readonly { index: number; row: T | undefined }[];
  sight: { first: number; end: number };
  area: RefObject<HTMLElement | null>;
  row_px: number;
  pick: (index: number, through: boolean) => void;
}

const features = tableFeatures({ columnVisibilityFeature });
const NONE: never[] = [];

function WideRows<T extends object>(props: Drawn<T> & { scrolls: boolean }) {
  const { t } = useTranslation();
  const { columns, rowActions, picking, drawn, sight, count, row_px, scrolls, want } = props;
  const widths = useWidths();
  const inWindow = columns.filter(({ from }) => !from || widths[from]);
  const helper = useMemo(() => createColumnHelper<typeof features, T>(), []);
  const definitions = useMemo(
    () => columns.map((column) => helper.display({ id: column.id, header: column.title })),
    [columns, helper],
  );
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const table = useTable({
    features,
    columns: definitions,
    data: NONE,
  }) as unknown as Table<typeof features, T>;
  // What is not drawn is as tall as it would be. Rows are counted from where the first gap begins.
  const gap = (rows: number) =>
    want && (
      <tr>
        {/* One cell: a span over columns that this window leaves out would make room for them. */}
        <td className="p-0" style={{ height: rows * row_px }} />
      </tr>
    );
  const top = scrolls ? 'top-0' : 'top-[calc(4rem+var(--above,0px))]';
  return (
    <table
      className="w-full table-fixed border-separate border-spacing-0 text-cell"
      {...(want && { 'aria-rowcount': count + 1 })}
      style={scrolls ? { minWidth: widthOf(inWindow) } : undefined}
    >
      <thead>
        <tr>
          {picking && (
            <th className={cx(HEAD, top, 'w-12 px-0! ps-2!')}>
              <Tick
                label={t('common.pickAll')}
                checked={picking.all}
                mixed={picking.ids.size > 0}
                onChange={() => (picking.all || picking.ids.size > 0 ? picking.clear() : picking.pickAll())}
              />
            </th>
          )}
          {table.getVisibleLeafColumns().map((column) => (
            <Heading key={column.id} top={top} column={byId.get(column.id)} {...props} />
          ))}
          {rowActions && (
            <th className={cx(HEAD, top, 'w-40')}>
              <span className="sr-only">{t('common.more')}</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody aria-hidden ref={props.area as RefObject<HTMLTableSectionElement | null>}>
        {gap(sight.first)}
      </tbody>
      <tbody>
        {drawn.map(({ index, row }) => (
          <TableRow<T>
            key={row === undefined ? `row ${index}` : props.rowKey(row)}
            index={index}
            numbered={want !== undefined}
            last={index === count - 1}
            row={row}
            columns={columns}
            dense={props.dense}
            rowActions={rowActions}
            actionsShown={props.actionsShown}
            {...(picking && {
              picked: picking.all || (row !== undefined && picking.ids.has(Number(props.rowKey(row)))),
              fixed: picking.all,
              onPick: props.pick,
            })}
          />
        ))}
      </tbody>
      <tbody aria-hidden>{gap(count - sight.end)}</tbody>
    </table>
  );
}

function widthOf<T>(columns: readonly Column<T>[]): string {
  const rems = columns.map(({ width }) => Number.parseFloat(width ?? '15'));
  return `${rems.reduce((sum, rem) => sum + rem, 0)}rem`;
}

function NarrowRows<T>(props: Drawn<T>) {
  const { drawn, rowKey, compactRow, rowActions, sight, count, row_px, want } = props;
  return (
    <ul
      ref={props.area as RefObject<HTMLUListElement | null>}
      style={want && { paddingBlock: `${sight.first * row_px}px ${(count - sight.end) * row_px}px` }}
    >
      {drawn.map(({ index, row }) => (
        <NarrowRow
          key={row === undefined ? `row ${index}` : rowKey(row)}
          index={index}
          tall_px={want && row_px}
        >
          {row && <div className="min-w-0 grow">{compactRow(row)}</div>}
          {row && rowActions && <div className="relative z-1 flex shrink-0">{rowActions(row)}</div>}
        </NarrowRow>
      ))}
    </ul>
  );
}
