/** Which columns show, and how tall the rows are; kept per table in this browser. */
import { SlidersHorizontal } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useStored } from '@/components/stored';
import { IconButton } from '@/components/ui/button';
import { Menu, MenuChoice, MenuLabel, MenuLine, MenuToggle } from '@/components/ui/menu';

export type Density = 'comfortable' | 'compact';

interface Chosen {
  id: string;
  title: string;
  fixed?: boolean;
  optional?: boolean;
}

export interface TableChoices {
  /** The columns that were chosen; empty while nobody has. */
  columns: readonly string[];
  setColumns: (columns: readonly string[]) => void;
  density: Density;
  setDensity: (density: Density) => void;
}

export function useTableOptions(id: string): TableChoices {
  const [columns, setColumns] = useStored<string>(`table.${id}.columns`, '');
  const [density, setDensity] = useStored<Density>('table.density', 'comfortable');
  return {
    columns: columns.split(',').filter(Boolean),
    setColumns: (next) => setColumns(next.join(',')),
    density,
    setDensity,
  };
}

export function isShown({ columns }: Pick<TableChoices, 'columns'>, column: Chosen): boolean {
  if (column.fixed) return true;
  return columns.length > 0 ? columns.includes(column.id) : !column.optional;
}

interface TableOptionsProps {
  columns: readonly Chosen[];
  options: TableChoices;
}

export function TableOptions({ columns, options }: TableOptionsProps) {
  const { t } = useTranslation();
  const { setColumns, density, setDensity } = options;
  const shown = columns.filter((column) => isShown(options, column)).map(({ id }) => id);
  return (
    <Menu
      align="end"
      trigger={<IconButton label={t('common.columns')} icon={SlidersHorizontal} look="quiet" />}
    >
      <MenuLabel>{t('common.columns')}</MenuLabel>
      {columns
        .filter(({ fixed }) => !fixed)
        .map((column) => (
          <MenuToggle
            key={column.id}
            checked={shown.includes(column.id)}
            onChange={(on) => setColumns(on ? [...shown, column.id] : shown.filter((id) => id !== column.id))}
          >
            {column.title}
          </MenuToggle>
        ))}
      <MenuLine />
      <MenuLabel>{t('common.density')}</MenuLabel>
      <MenuChoice<Density>
        value={density}
        onChoose={setDensity}
        options={[
          { value: 'comfortable', label: t('common.comfortable') },
          { value: 'compact', label: t('common.compact') },
        ]}
      />
    </Menu>
  );
}
