/** The filters that are set, each to be taken off by itself. */
import { useTranslation } from 'react-i18next';
import { FilterChip } from '@/components/data-table/toolbar';
import { formatIsoDay } from '@/format/dates';
import { useFormat } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { useOwnFields, useStatuses } from '../own';
import { useOwnText } from '../own-text';
import { useSourceName } from '../sources';
import type { FilterChange, FilterName, Filters } from './filters';

interface FilterChipsProps {
  filters: Filters;
  onChange: (change: FilterChange) => void;
}

export function FilterChips({ filters, onChange }: FilterChipsProps) {
  const names = useChipNames();
  const shown = (Object.entries(filters) as [FilterName, string][]).filter(
    ([name]) => name !== 'q' && name !== 'sort',
  );
  return shown.map(([name, value]) => (
    <FilterChip key={name} name={names(name, value)} onRemove={() => onChange({ [name]: undefined })} />
  ));
}

const FLAGS = ['do_not_contact', 'blocked', 'not_customer', 'counted', 'deleted'];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

function useChipNames(): (name: FilterName, value: string) => string {
  const { t } = useTranslation();
  const people = usePeople();
  const { name: status } = useStatuses();
  const source = useSourceName();
  const own = useOwnChip();
  const format = useFormat();
  const day = (value: string) => (DAY.test(value) ? formatIsoDay(value) : format.dateTime(value));
  const ends: Record<string, string> = {
    created_from: t('customerList.chip.createdFrom', { day: '{day}' }),
    created_to: t('customerList.chip.createdTo', { day: '{day}' }),
    last_contact_from: t('customerList.chip.contactFrom', { day: '{day}' }),
    last_contact_to: t('customerList.chip.contactTo', { day: '{day}' }),
  };
  return (name, value) => {
    if (name === 'status') return value.split(',').map(status).join(', ');
    if (name === 'owner_id')
      return value === 'none' ? t('customers.ownerNone') : (people.name(Number(value)) ?? value);
    if (name === 'source') return source(value);
    if (name === 'tags') return t('customerList.chip.tags', { tags: value.split(',').join(', ') });
    if (ends[name]) return ends[name].replace('{day}', day(value));
    if (FLAGS.includes(name)) return t(`customerList.only.${name as 'blocked'}`);
    return own(name, value);
  };
}

/** «קומה: 3», «שטח: מ־80». */
function useOwnChip(): (name: string, value: string) => string {
  const { t } = useTranslation();
  const fields = useOwnFields();
  const text = useOwnText();
  return (name, value) => {
    const [, key, end] = name.split('.');
    const field = fields.find((one) => one.key === key);
    if (!field) return `${key}: ${value}`;
    const read = field.kind === 'boolean' ? text(field, value === 'true') : text(field, value);
    if (end === 'from') return t('customerList.chip.from', { field: field.label, value: read });
    if (end === 'to')
      return field.kind === 'date'
        ? t('customerList.chip.through', { field: field.label, value: read })
        : t('customerList.chip.below', { field: field.label, value: read });
    return `${field.label}: ${read}`;
  };
}
