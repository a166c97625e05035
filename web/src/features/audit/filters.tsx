/** What narrows the audit log: a row of choices above the list, which on a phone opens on demand. */
import { ListFilter } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Field } from '@/components/ui/field';
import { Select } from '@/components/ui/select';
import { useNarrow } from '@/components/use-narrow';
import type { AuditFilters } from './queries';
import { ACTIONS, RECORDS } from './words';

interface FilterBarProps {
  filters: AuditFilters;
  onChange: (filters: AuditFilters) => void;
  people: readonly { id: number; name: string }[];
  businesses?: readonly { id: number; name: string }[];
}

type FilterName = Exclude<keyof AuditFilters, 'page'>;
const NUMBERS: readonly FilterName[] = ['actor_id', 'record_id', 'business_id'];

export function AuditFilterBar({ filters, onChange, people, businesses }: FilterBarProps) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const [open, setOpen] = useState(false);
  const set = (field: FilterName) => (value: string) => {
    const { page: _page, [field]: _before, ...kept } = filters;
    const next = NUMBERS.includes(field) ? Number(value) : value;
    onChange(value && next ? { ...kept, [field]: next } : kept);
  };
  const count = Object.keys(filters).filter((name) => name !== 'page').length;
  const all = { value: '', label: t('common.all') };
  return (
    <>
      <Button icon={ListFilter} aria-expanded={open} className="text-muted" onClick={() => setOpen(!open)}>
        {count > 0 ? t('audit.filterCount', { count }) : t('common.filter')}
      </Button>
      {count > 0 && (
        <Button look="ghost" onClick={() => onChange({})}>
          {t('common.clearFilters')}
        </Button>
      )}
      {open && (
        <div
          className={cx(
            'order-last grid w-full gap-3 rounded-card border border-line bg-surface p-4',
            narrow ? 'grid-cols-1' : 'grid-cols-2 lg:grid-cols-3',
          )}
        >
          <Select
            small
            label={t('audit.what')}
            value={filters.action ?? ''}
            options={[all, ...ACTIONS.map((value) => ({ value, label: t(`audit.action.${value}`) }))]}
            onChoose={set('action')}
          />
          <Select
            small
            label={t('audit.who')}
            value={String(filters.actor_id ?? '')}
            options={[all, ...people.map(({ id, name }) => ({ value: String(id), label: name }))]}
            onChoose={set('actor_id')}
          />
          {businesses && (
            <Select
              small
              label={t('audit.business')}
              value={String(filters.business_id ?? '')}
              options={[all, ...businesses.map(({ id, name }) => ({ value: String(id), label: name }))]}
              onChoose={set('business_id')}
            />
          )}
          <Select
            small
            label={t('audit.record')}
            value={filters.record_type ?? ''}
            options={[all, ...RECORDS.map((value) => ({ value, label: t(`audit.recordType.${value}`) }))]}
            onChoose={set('record_type')}
          />
          <Field
            label={t('audit.recordId')}
            inputMode="numeric"
            dir="ltr"
            className="h-9!"
            value={filters.record_id ?? ''}
            onChange={(event) => set('record_id')(event.target.value.replace(/\D/g, ''))}
          />
          <Field
            label={t('audit.from')}
            type="date"
            className="h-9!"
            value={filters.from ?? ''}
            onChange={(event) => set('from')(event.target.value)}
          />
          <Field
            label={t('audit.to')}
            type="date"
            className="h-9!"
            value={filters.to ?? ''}
            onChange={(event) => set('to')(event.target.value)}
          />
        </div>
      )}
    </>
  );
}
