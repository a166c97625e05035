import { ArrowDown, ArrowUp } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { cx } from '@/components/ui/cx';
import type { Column } from './columns';

export const FROM = { lg: 'max-lg:hidden', xl: 'max-xl:hidden', '2xl': 'max-2xl:hidden' } as const;

export const HEAD =
  'sticky z-10 h-10 border-b border-line bg-surface px-4 text-start text-caption font-semibold text-muted first-letter:uppercase first:rounded-ss-card last:rounded-se-card';

interface HeadingProps<T> {
  column: Column<T> | undefined;
  /** Where it stays while the rows move. */
  top: string;
  sort?: string | undefined;
  onSort?: (sort: string) => void;
}

export function Heading<T>({ column, top, sort, onSort }: HeadingProps<T>) {
  const { t } = useTranslation();
  if (!column) return null;
  const { sort: field, title } = column;
  const style = column.width ? { width: column.width } : undefined;
  const place = cx(HEAD, top, column.from && FROM[column.from]);
  if (!field || !onSort) {
    return (
      <th scope="col" className={place} style={style}>
        <span className="block truncate">{title}</span>
      </th>
    );
  }
  const direction = sort === field ? 'ascending' : sort === `-${field}` ? 'descending' : undefined;
  const Arrow = direction === 'ascending' ? ArrowUp : ArrowDown;
  return (
    <th scope="col" aria-sort={direction ?? 'none'} className={place} style={style}>
      <button
        type="button"
        className="group/sort -ms-1.5 inline-flex h-7 items-center whitespace-nowrap gap-1 rounded-mark px-1.5 hover:bg-hover hover:text-ink"
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
