/** Takes what the list shows along, as a file. */
import { Download, FileSpreadsheet, FileText } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { download } from '@/api/download';
import { IconButton } from '@/components/ui/button';
import { Menu, MenuItem, MenuLabel } from '@/components/ui/menu';
import { sayProblem } from '@/components/ui/toast';
import { formatCount } from '@/format/numbers';

/** More go into no workbook. */
const MOST_IN_WORKBOOK = 200_000;

interface ExportMenuProps {
  total: number;
  /** What the server is asked for the list by. */
  filter: Record<string, string>;
}

export function ExportMenu({ total, filter }: ExportMenuProps) {
  const { t, i18n } = useTranslation();
  const take = (format: 'csv' | 'xlsx') => {
    const { sort: _sort, ...asked } = filter;
    const query = new URLSearchParams({ ...asked, lang: i18n.language === 'en' ? 'en' : 'he' });
    void download(`/api/crm/customers/export.${format}?${query}`).catch((error) => sayProblem(t, error));
  };
  const tooMany = total > MOST_IN_WORKBOOK;
  return (
    <Menu align="end" trigger={<IconButton look="quiet" icon={Download} label={t('customerList.export')} />}>
      <MenuLabel>{t('customerList.exportOf', { count: total, shown: formatCount(total) })}</MenuLabel>
      <MenuItem
        icon={FileSpreadsheet}
        disabled={tooMany}
        hint={tooMany ? t('customerList.tooManyRows') : undefined}
        onSelect={() => take('xlsx')}
      >
        {t('customerList.asWorkbook')}
      </MenuItem>
      <MenuItem icon={FileText} onSelect={() => take('csv')}>
        {t('customerList.asCsv')}
      </MenuItem>
    </Menu>
  );
}
