/** What is known about a customer, each field edited where it stands. */
import { useTranslation } from 'react-i18next';
import type { Customer, CustomerPatch } from '@/api/types';
import { Menu, MenuChoice } from '@/components/ui/menu';
import { Panel } from '@/components/ui/panel';
import { PhoneText } from '@/components/ui/text';
import { formatPhone } from '@/format/phone';
import { useFormat } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { usePermission } from '@/session/session';
import { useUpdateCustomer } from './actions';
import { InPlace } from './in-place';

const SOURCES = new Set(['manual', 'call', 'whatsapp', 'import', 'api']);

export function CustomerDetails({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const update = useUpdateCustomer(customer.id);
  const readOnly = !usePermission('customers:write');
  const save = (field: keyof CustomerPatch) => (value: string) => update.mutate({ [field]: value || null });
  const source = (SOURCES.has(customer.source) ? customer.source : 'other') as 'other';
  return (
    <Panel title={t('customers.details')}>
      <dl className="grid gap-x-8 gap-y-0.5 px-5 pb-4 sm:grid-cols-2">
        <InPlace
          label={t('customers.name')}
          value={customer.name}
          readOnly={readOnly}
          onSave={(name) => name && update.mutate({ name })}
        />
        <InPlace
          label={t('customers.phone')}
          type="tel"
          direction="ltr"
          readOnly={readOnly}
          value={customer.phone ? formatPhone(customer.phone) : ''}
          shown={customer.phone && <PhoneText number={customer.phone} />}
          onSave={save('phone')}
        />
        <InPlace
          label={t('customers.email')}
          type="email"
          direction="ltr"
          readOnly={readOnly}
          value={customer.email ?? ''}
          shown={<bdi dir="ltr">{customer.email}</bdi>}
          onSave={save('email')}
        />
        <InPlace
          label={t('customers.company')}
          readOnly={readOnly}
          value={customer.company ?? ''}
          onSave={save('company')}
        />
        <InPlace
          label={t('customers.taxId')}
          direction="ltr"
          readOnly={readOnly}
          value={customer.tax_id ?? ''}
          shown={<bdi dir="ltr">{customer.tax_id}</bdi>}
          onSave={save('tax_id')}
        />
        <InPlace
          label={t('customers.address')}
          readOnly={readOnly}
          value={customer.address ?? ''}
          onSave={save('address')}
        />
        <OwnerField
          customer={customer}
          readOnly={readOnly}
          onChoose={(owner_id) => update.mutate({ owner_id })}
        />
        <InPlace
          label={t('customers.notes')}
          multiline
          readOnly={readOnly}
          value={customer.notes ?? ''}
          onSave={save('notes')}
        />
        <Plain label={t('customers.sourceColumn')}>{t(`customers.source.${source}`)}</Plain>
        <Plain label={t('customers.createdAt')}>
          <span className="tabular">{format.dateTime(customer.created_at)}</span>
        </Plain>
      </dl>
    </Panel>
  );
}

function Plain({ label, children }: { label: string; children: React.ReactNode }) {
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
