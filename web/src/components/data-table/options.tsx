/** Which columns show, and how tall the rows are; kept per table in this browser. */
import { SlidersHorizontal } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useStored } from '@/components/stored';
import { IconButton } from '@/components/ui/button';
import { Menu, MenuChoice, MenuLabel, MenuLine, MenuToggle } from '@/components/ui/menu';

export type Density = 'comfortable' | 'compact';

export interface TableChoices {
  hidden: string[];
  setHidden: (hidden: string[]) => void;
  density: Density;
  setDensity: (density: Density) => void;
}

export function useTableOptions(id: string): TableChoices {
  const [hidden, setHidden] = useStored<string>(`table.${id}.hidden`, '');
  const [density, setDensity] = useStored<Density>('table.density', 'comfortable');
  return {
    hidden: hidden.split(',').filter(Boolean),
    setHidden: (next) => setHidden(next.join(',')),
    density,
    setDensity,
  };
}

interface TableOptionsProps {
  columns: readonly { id: string; title: string }[];
  options: TableChoices;
}

export function TableOptions({ columns, options }: TableOptionsProps) {
  const { t } = useTranslation();
  const { hidden, setHidden, density, setDensity } = options;
  return (
    <Menu
      align="end"
      trigger={<IconButton label={t('common.columns')} icon={SlidersHorizontal} look="quiet" />}
    >
      <MenuLabel>{t('common.columns')}</MenuLabel>
      {columns.map((column) => (
        <MenuToggle
          key={column.id}
          checked={!hidden.includes(column.id)}
          onChange={(shown) =>
            setHidden(shown ? hidden.filter((id) => id !== column.id) : [...hidden, column.id])
          }
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
