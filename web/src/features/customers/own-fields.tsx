/** The fields that the business has added, each edited where it stands. */
import { useTranslation } from 'react-i18next';
import { open } from '@/api/client';
import type { Customer, OwnField } from '@/api/types';
import { Panel } from '@/components/ui/panel';
import { Select } from '@/components/ui/select';
import { Switch } from '@/components/ui/switch';
import { usePermission } from '@/session/session';
import { useUpdateCustomer } from './actions';
import { InPlace } from './in-place';
import { ownValue, useOwnFields } from './own';
import { useOwnText } from './own-text';

export function OwnFields({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const fields = useOwnFields();
  const update = useUpdateCustomer(customer.id);
  const readOnly = !usePermission('customers:write');
  if (fields.length === 0) return null;
  const save = (key: string, value: unknown) => update.mutate({ custom: open({ [key]: value }) });
  return (
    <Panel title={t('sameCustomer.moreFields')}>
      <dl className="grid gap-x-8 gap-y-0.5 px-5 pb-4 sm:grid-cols-2">
        {fields.map((field) => (
          <OwnFieldRow
            key={field.key}
            field={field}
            value={ownValue(customer.custom, field.key)}
            readOnly={readOnly}
            onSave={(value) => save(field.key, value)}
          />
        ))}
      </dl>
    </Panel>
  );
}

interface OwnFieldRowProps {
  field: OwnField;
  value: unknown;
  readOnly: boolean;
  onSave: (value: unknown) => void;
}

function OwnFieldRow({ field, value, readOnly, onSave }: OwnFieldRowProps) {
  const { t } = useTranslation();
  const text = useOwnText();
  const { kind, label } = field;
  if (!readOnly && kind === 'boolean')
    return (
      <div className="text-cell">
        <dt className="sr-only">{label}</dt>
        <dd>
          <Switch label={label} checked={value === true} onChange={onSave} />
        </dd>
      </div>
    );
  if (!readOnly && kind === 'choice') {
    const known = typeof value === 'string' && !field.choices.includes(value) ? [value] : [];
    const options = [...known, ...field.choices].map((choice) => ({ value: choice, label: choice }));
    return (
      <div className="flex min-h-9 items-center gap-3 text-cell">
        <dt className="w-24 shrink-0 text-muted">{label}</dt>
        <dd className="min-w-0 grow">
          <Select
            small
            labelHidden
            label={label}
            value={typeof value === 'string' ? value : ''}
            options={[{ value: '', label: t('sameCustomer.notSet') }, ...options]}
            onChoose={(choice) => onSave(choice || null)}
          />
        </dd>
      </div>
    );
  }
  const isLtr = kind === 'number' || kind === 'date';
  return (
    <InPlace
      label={label}
      value={value === undefined || value === null ? '' : String(value)}
      shown={isLtr ? <bdi dir="ltr">{text(field, value)}</bdi> : <bdi>{text(field, value)}</bdi>}
      type={kind === 'number' || kind === 'date' ? kind : 'text'}
      direction={isLtr ? 'ltr' : 'auto'}
      readOnly={readOnly}
      onSave={(written) => onSave(written === '' ? null : kind === 'number' ? Number(written) : written)}
    />
  );
}
