/** One row. It is drawn anew only when something of its own has changed: lists are long and machines slow. */
import { memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '@/components/ui/cx';
import { Skeleton } from '@/components/ui/states';
import type { Column } from './columns';
import { FROM } from './heading';

interface RowProps<T> {
  index: number;
  /** Of a list of which only a part is drawn: readers are told the place. */
  numbered: boolean;
  last: boolean;
  /** Not yet known while it is on its way. */
  row: T | undefined;
  columns: readonly Column<T>[];
  dense: boolean;
  rowActions?: ((row: T) => ReactNode) | undefined;
  actionsShown?: boolean | undefined;
  picked?: boolean;
  /** Everything is picked, and single rows are not taken out of that. */
  fixed?: boolean;
  onPick?: (index: number, through: boolean) => void;
}

function PlainRow<T>(props: RowProps<T>) {
  const { t } = useTranslation();
  const { index, numbered, last, row, columns, dense, rowActions, picked, fixed, onPick } = props;
  const cell = cx('truncate px-4', !last && 'border-b border-line', dense ? 'h-10' : 'h-[52px]');
  return (
    <tr
      data-row={index}
      {...(numbered && { 'aria-rowindex': index + 2 })}
      className={cx(
        'group relative scroll-my-24 transition-colors hover:bg-hover focus-within:bg-hover',
        picked && 'bg-accent-soft',
      )}
    >
      {onPick && (
        <td className={cx(cell, 'px-0! ps-2!')}>
          <Tick
            label={t('common.pickRow')}
            checked={picked ?? false}
            disabled={fixed || row === undefined}
            byMouse
            onChange={(through) => onPick(index, through)}
          />
        </td>
      )}
      {columns.map((column) => (
        <td key={column.id} className={cx(cell, column.from && FROM[column.from])}>
          {row === undefined ? <Skeleton className="h-3.5 w-3/5" /> : column.cell(row)}
        </td>
      ))}
      {rowActions && (
        <td className={cx('pe-3', !last && 'border-b border-line')}>
          <div
            className={cx(
              'relative z-1 flex justify-end gap-1 transition-opacity',
              !props.actionsShown &&
                'opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 [@media(hover:none)]:opacity-100',
            )}
          >
            {row !== undefined && rowActions(row)}
          </div>
        </td>
      )}
    </tr>
  );
}

export const TableRow = memo(PlainRow) as typeof PlainRow;

interface TickProps {
  label: string;
  checked: boolean;
  /** Some are, and some are not. */
  mixed?: boolean;
  disabled?: boolean;
  /** Keys have another way to it, and Tab does not stop here. */
  byMouse?: boolean;
  /** `through` with the shift key: all from the last one. */
  onChange: (through: boolean) => void;
}

/** A box to pick by, above what the row itself does when it is pressed. */
export function Tick({ label, checked, mixed = false, disabled = false, byMouse, onChange }: TickProps) {
  return (
    <label className="relative z-1 grid size-8 cursor-pointer place-items-center rounded-mark">
      <input
        type="checkbox"
        aria-label={label}
        checked={checked}
        disabled={disabled}
        tabIndex={byMouse ? -1 : 0}
        ref={(box) => {
          if (box) box.indeterminate = mixed && !checked;
        }}
        onChange={(event) => onChange((event.nativeEvent as MouseEvent).shiftKey)}
        className="size-4 accent-accent"
      />
    </label>
  );
}

interface NarrowRowProps {
  index: number;
  tall_px: number | undefined;
  children: ReactNode;
}

export function NarrowRow({ index, tall_px, children }: NarrowRowProps) {
  return (
    <li
      data-row={index}
      style={tall_px === undefined ? undefined : { height: tall_px }}
      className="relative flex scroll-my-24 items-center gap-2 border-b border-line px-4 py-3 last:border-b-0 focus-within:bg-hover active:bg-hover"
    >
      {children}
    </li>
  );
}
