/** What is known about a customer, each field edited where it stands. */
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Customer, CustomerPatch } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Menu, MenuChoice } from '@/components/ui/menu';
import { Panel } from '@/components/ui/panel';
import { PhoneText } from '@/components/ui/text';
import { formatName, formatPhone } from '@/format/phone';
import { useFormat } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { usePermission } from '@/session/session';
import { useUpdateCustomer } from './actions';
import { InPlace } from './in-place';
import { useSourceName } from './sources';
import { readTags } from './tags';

interface Known {
  /** Of several of one kind, each has a key of its own. */
  key: string;
  label: string;
  value: string;
  shown?: ReactNode;
  type?: 'tel' | 'email';
  direction?: 'ltr';
  multiline?: boolean;
  /** What is written when this was typed. */
  change: (typed: string) => CustomerPatch;
}

const leftToRight = (text: string) => <bdi dir="ltr">{text}</bdi>;

/** The fields that can be written, in the order in which they stand. */
function useFields(customer: Customer): Known[] {
  const { t } = useTranslation();
  const { tax_id } = customer;
  const text = (key: 'company' | 'address' | 'notes', label: string) => ({
    key,
    label,
    value: customer[key] ?? '',
    change: (typed: string) => ({ [key]: typed || null }),
  });
  return [
    {
      key: 'name',
      label: t('customers.name'),
      value: customer.name,
      shown: formatName(customer.name),
      // Nobody is left without a name.
      change: (name) => (name ? { name } : {}),
    },
    ...usePhones(customer),
    ...useEmails(customer),
    text('company', t('customers.company')),
    {
      key: 'tax_id',
      label: t('customers.taxId'),
      value: tax_id ?? '',
      direction: 'ltr',
      change: (typed) => ({ tax_id: typed || null }),
      ...(tax_id && { shown: leftToRight(tax_id) }),
    },
    text('address', t('customers.address')),
    {
      key: 'tags',
      label: t('customers.tags'),
      value: customer.tags.join(', '),
      change: (typed) => ({ tags: readTags(typed) }),
    },
    { ...text('notes', t('customers.notes')), multiline: true },
  ];
}

/** Every phone, and room for one more. */
function usePhones({ phones }: Customer): Known[] {
  const { t } = useTranslation();
  return [...phones, ''].map((phone, at) => ({
    key: `phone-${at}`,
    label: at === 0 ? t('customers.phone') : t('customers.otherPhone'),
    value: phone && formatPhone(phone),
    type: 'tel',
    direction: 'ltr',
    change: (typed) => ({ phones: replaced(phones, at, typed) }),
    ...(phone && { shown: <PhoneText number={phone} /> }),
  }));
}

function useEmails({ emails }: Customer): Known[] {
  const { t } = useTranslation();
  return [...emails, ''].map((email, at) => ({
    key: `email-${at}`,
    label: at === 0 ? t('customers.email') : t('customers.otherEmail'),
    value: email,
    type: 'email',
    direction: 'ltr',
    change: (typed) => ({ emails: replaced(emails, at, typed) }),
    ...(email && { shown: leftToRight(email) }),
  }));
}

/** The list with another value in this place; without it when nothing was typed. */
function replaced(list: readonly string[], at: number, typed: string): string[] {
  return [...list.slice(0, at), typed, ...list.slice(at + 1)].filter(Boolean);
}

export function CustomerDetails({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const update = useUpdateCustomer(customer.id);
  const readOnly = !usePermission('customers:write');
  const [adding, setAdding] = useState<string | null>(null);
  const fields = useFields(customer);
  const source = useSourceName();
  const save = (patch: CustomerPatch) => {
    if (Object.keys(patch).length > 0) update.mutate(patch);
  };
  return (
    <Panel title={t('customers.details')}>
      <dl className="grid gap-x-8 gap-y-0.5 px-5 pb-4 sm:grid-cols-2">
        {fields
          .filter(({ key, value }) => value || key === adding)
          .map(({ key, change, ...known }) => (
            <InPlace
              key={key}
              {...known}
              readOnly={readOnly}
              startOpen={key === adding}
              onSave={(typed) => save(change(typed))}
              onDone={() => setAdding(null)}
            />
          ))}
        <OwnerField
          customer={customer}
          readOnly={readOnly}
          onChoose={(owner_id) => update.mutate({ owner_id })}
        />
        {customer.former_names.length > 0 && (
          <Plain label={t('customers.formerNames')}>
            <bdi>{customer.former_names.join(', ')}</bdi>
          </Plain>
        )}
        <Plain label={t('customers.sourceColumn')}>
          <bdi>{source(customer.source)}</bdi>
        </Plain>
        <Plain label={t('customers.createdAt')}>
          <span className="tabular">{format.dateTime(customer.created_at)}</span>
        </Plain>
      </dl>
      {!readOnly && (
        <Missing fields={fields.filter(({ key, value }) => !value && key !== adding)} onAdd={setAdding} />
      )}
    </Panel>
  );
}

/** What is not known yet: one press each, and no rows of nothing. */
function Missing({ fields, onAdd }: { fields: readonly Known[]; onAdd: (field: string) => void }) {
  const { t } = useTranslation();
  if (fields.length === 0) return null;
  return (
    <div className="flex flex-wrap gap-1 border-t border-line px-3 py-2">
      {fields.map(({ key, label }) => (
        <Button
          key={key}
          look="ghost"
          size="sm"
          icon={Plus}
          aria-label={t('customers.editField', { name: label })}
          onClick={() => onAdd(key)}
        >
          {label}
        </Button>
      ))}
    </div>
  );
}

function Plain({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex min-h-9 items-center gap-3 text-cell">
      <dt className="w-24 shrink-0 text-muted">{label}</dt>
      <dd className="px-2">{children}</dd>
    </div>
  );
}

interface OwnerFieldProps {
  customer: Customer;
  readOnly: boolean;
  onChoose: (owner: number | null) => void;
}

function OwnerField({ customer, readOnly, onChoose }: OwnerFieldProps) {
  const { t } = useTranslation();
  const { people, name } = usePeople();
  const shown = name(customer.owner_id) ?? t('customers.ownerNone');
  if (readOnly) return <Plain label={t('customers.owner')}>{shown}</Plain>;
  return (
    <div className="flex min-h-9 items-center gap-3 text-cell">
      <dt className="w-24 shrink-0 text-muted">{t('customers.owner')}</dt>
      <dd className="min-w-0 grow">
        <Menu
          trigger={
            <button
              type="button"
              aria-label={`${t('customers.owner')}: ${shown}`}
              className="-mx-0.5 w-full rounded-mark px-2 py-1.5 text-start hover:bg-hover max-md:min-h-11"
            >
              <bdi className={customer.owner_id ? '' : 'text-faint'}>{shown}</bdi>
            </button>
          }
        >
          <MenuChoice
            value={String(customer.owner_id ?? '')}
            onChoose={(id) => onChoose(id ? Number(id) : null)}
            options={[
              { value: '', label: t('customers.ownerNone') },
              ...people.map((user) => ({ value: String(user.id), label: user.name })),
            ]}
          />
        </Menu>
      </dd>
    </div>
  );
}
