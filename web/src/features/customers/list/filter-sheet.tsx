/** Everything that customers can be filtered by, at the side of the list. */
import { useQuery } from '@tanstack/react-query';
import { ListFilter } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OwnField } from '@/api/types';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Dialog } from '@/components/ui/dialog';
import { Select } from '@/components/ui/select';
import { Switch } from '@/components/ui/switch';
import { useDialog } from '@/components/ui/use-dialog';
import { formatCount } from '@/format/numbers';
import { useZone } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { usePermission } from '@/session/session';
import { useOwnFields, useStatuses } from '../own';
import { customersQuery } from '../queries';
import { SOURCES } from '../sources';
import { Committed } from './committed';
import { asked, type FilterChange, type FilterName, type Filters, readFilters } from './filters';

interface FilterSheetProps {
  filters: Filters;
  onApply: (filters: Filters) => void;
}

/**
 * What is chosen counts when the sheet closes, however that is done: it is a step in the history, and going back would
 * take along whatever had changed the address meanwhile.
 */
export function FilterButton({ filters, onApply }: FilterSheetProps) {
  const { t } = useTranslation();
  const dialog = useDialog('customer-filters');
  const [draft, setDraft] = useState<Filters | null>(null);
  const { open } = dialog;
  useEffect(() => {
    if (open || !draft) return;
    setDraft(null);
    onApply(draft);
  }, [open, draft, onApply]);
  const now = draft ?? filters;
  const total = useFound(now, open);
  const onChange = (change: FilterChange) => setDraft(readFilters({ ...now, ...change }));
  return (
    <>
      <Button icon={ListFilter} className="text-muted max-md:w-11 max-md:px-0!" onClick={dialog.show}>
        <span className="max-md:sr-only">{t('common.filter')}</span>
      </Button>
      <Dialog
        side
        open={open}
        onClose={dialog.hide}
        title={t('customerList.filterTitle')}
        actions={
          <>
            <Button look="primary" onClick={dialog.hide}>
              {total === undefined
                ? t('customerList.show')
                : t('customerList.showFound', { count: total, shown: formatCount(total) })}
            </Button>
            <Button onClick={() => setDraft(now.q ? { q: now.q } : {})}>{t('common.clearFilters')}</Button>
          </>
        }
      >
        <div className="flex flex-col gap-5 pb-4">
          <Statuses filters={now} onChange={onChange} />
          <Belonging filters={now} onChange={onChange} />
          <Days filters={now} onChange={onChange} name="created" legend={t('customerList.created')} />
          <Days filters={now} onChange={onChange} name="last_contact" legend={t('customers.lastContact')} />
          <OwnFields filters={now} onChange={onChange} />
          <Only filters={now} onChange={onChange} />
        </div>
      </Dialog>
    </>
  );
}

/** How many the list would have. */
function useFound(filters: Filters, enabled: boolean): number | undefined {
  const zone = useZone();
  const { data } = useQuery({ ...customersQuery({ ...asked(filters, zone), limit: 1 }), enabled });
  return data?.total;
}

interface PartProps {
  filters: Filters;
  onChange: (change: FilterChange) => void;
}

function Statuses({ filters, onChange }: PartProps) {
  const { t } = useTranslation();
  const { keys, name } = useStatuses();
  const chosen = (filters.status ?? '').split(',').filter(Boolean);
  const toggle = (status: string) => {
    const next = chosen.includes(status) ? chosen.filter((one) => one !== status) : [...chosen, status];
    onChange({ status: next.join(',') || undefined });
  };
  return (
    <fieldset>
      <legend className="mb-2 text-cell font-semibold">{t('customers.statusColumn')}</legend>
      <div className="flex flex-wrap gap-2">
        {keys.map((status) => (
          <button
            key={status}
            type="button"
            aria-pressed={chosen.includes(status)}
            onClick={() => toggle(status)}
            className={cx(
              'inline-flex h-8 items-center rounded-full border px-3 text-caption font-semibold transition-colors max-md:h-11',
              chosen.includes(status)
                ? 'border-accent bg-accent-soft text-accent-text'
                : 'border-line text-muted hover:bg-hover hover:text-ink',
            )}
          >
            <span className="inline-block first-letter:uppercase">{name(status)}</span>
          </button>
        ))}
      </div>
    </fieldset>
  );
}

function Belonging({ filters, onChange }: PartProps) {
  const { t } = useTranslation();
  const { people } = usePeople();
  const all = { value: '', label: t('common.all') };
  return (
    <>
      <div className="grid grid-cols-2 gap-3">
        <Select
          small
          label={t('customers.owner')}
          value={filters.owner_id ?? ''}
          options={[
            all,
            ...people.map((user) => ({ value: String(user.id), label: user.name })),
            { value: 'none', label: t('customers.ownerNone') },
          ]}
          onChoose={(owner_id) => onChange({ owner_id: owner_id || undefined })}
        />
        <Select
          small
          label={t('customers.sourceColumn')}
          value={filters.source ?? ''}
          options={[all, ...SOURCES.map((value) => ({ value, label: t(`customers.source.${value}`) }))]}
          onChoose={(source) => onChange({ source: source || undefined })}
        />
      </div>
      <Committed
        label={t('customers.tags')}
        hint={t('customerList.tagsHint')}
        value={filters.tags ?? ''}
        onCommit={(tags) => onChange({ tags: tags || undefined })}
      />
    </>
  );
}

interface DaysProps extends PartProps {
  name: string;
  legend: string;
}

function Days({ filters, onChange, name, legend }: DaysProps) {
  const { t } = useTranslation();
  const dot = name.startsWith('custom.') ? '.' : '_';
  const [from, to] = [`${name}${dot}from` as FilterName, `${name}${dot}to` as FilterName];
  return (
    <fieldset>
      <legend className="mb-1.5 text-cell font-semibold">{legend}</legend>
      <div className="grid grid-cols-2 gap-3">
        {[
          { key: from, label: t('customerList.from') },
          { key: to, label: t('customerList.through') },
        ].map(({ key, label }) => (
          <Committed
            key={key}
            type="date"
            label={label}
            spoken={`${legend}, ${label}`}
            value={filters[key] ?? ''}
            onCommit={(day) => onChange({ [key]: day || undefined })}
          />
        ))}
      </div>
    </fieldset>
  );
}

function OwnFields({ filters, onChange }: PartProps) {
  const fields = useOwnFields();
  return fields.map((field) => (
    <OwnFilter key={field.key} field={field} filters={filters} onChange={onChange} />
  ));
}

function OwnFilter({ field, filters, onChange }: PartProps & { field: OwnField }) {
  const { t } = useTranslation();
  const name = `custom.${field.key}` as const;
  const set = (value: string) => onChange({ [name]: value || undefined });
  const all = { value: '', label: t('common.all') };
  if (field.kind === 'date') return <Days {...{ filters, onChange, name }} legend={field.label} />;
  if (field.kind === 'choice' || field.kind === 'boolean') {
    const options =
      field.kind === 'choice'
        ? field.choices.map((value) => ({ value, label: value }))
        : [
            { value: 'true', label: t('customerList.yes') },
            { value: 'false', label: t('customerList.no') },
          ];
    return (
      <Select
        small
        label={field.label}
        value={filters[name] ?? ''}
        options={[all, ...options]}
        onChoose={set}
      />
    );
  }
  if (field.kind === 'number') {
    const [from, to] = [`${name}.from` as const, `${name}.to` as const];
    return (
      <fieldset>
        <legend className="mb-1.5 text-cell font-semibold">{field.label}</legend>
        <div className="grid grid-cols-2 gap-3">
          {[
            { key: from, label: t('customerList.atLeast') },
            { key: to, label: t('customerList.below') },
          ].map(({ key, label }) => (
            <Committed
              key={key}
              type="number"
              label={label}
              spoken={`${field.label}, ${label}`}
              value={filters[key] ?? ''}
              onCommit={(value) => onChange({ [key]: value || undefined })}
            />
          ))}
        </div>
      </fieldset>
    );
  }
  return <Committed label={field.label} value={filters[name] ?? ''} onCommit={set} />;
}

/** Who is usually left out, or asked for by name. */
function Only({ filters, onChange }: PartProps) {
  const { t } = useTranslation();
  const mayDelete = usePermission('customers:delete');
  const flags = ['do_not_contact', 'blocked', 'not_customer', ...(mayDelete ? ['deleted'] : [])] as const;
  return (
    <fieldset className="border-t border-line pt-3">
      <legend className="sr-only">{t('customerList.only.legend')}</legend>
      {flags.map((flag) => (
        <Switch
          key={flag}
          label={t(`customerList.only.${flag as 'blocked'}`)}
          checked={filters[flag as 'blocked'] === 'true'}
          onChange={(on) => onChange({ [flag]: on ? 'true' : undefined })}
        />
      ))}
    </fieldset>
  );
}
