/** Whose a record is: the chosen customer, or a search for one. */
import { useQuery } from '@tanstack/react-query';
import { Search, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import { Avatar } from '@/components/ui/avatar';
import { IconButton } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { formatName } from '@/format/phone';
import { CustomerOption } from './customer-option';

export interface Chosen {
  id: number;
  name: string;
}

const SUGGESTIONS = 5;

interface CustomerFieldProps {
  value: Chosen | null;
  onChoose: (customer: Chosen | null) => void;
}

export function CustomerField({ value, onChoose }: CustomerFieldProps) {
  const { t } = useTranslation();
  if (!value) return <CustomerSearch onChoose={onChoose} />;
  return (
    <div className="flex flex-col gap-1.5">
      <span className="text-cell font-semibold">{t('tasks.columns.customer')}</span>
      <div className="flex h-11 items-center gap-2.5 rounded-control border border-line bg-sunken ps-2.5 pe-1">
        <Avatar name={value.name} />
        <bdi className="aligned min-w-0 grow truncate font-semibold">{formatName(value.name)}</bdi>
        <IconButton size="sm" label={t('tasks.removeCustomer')} icon={X} onClick={() => onChoose(null)} />
      </div>
    </div>
  );
}

function CustomerSearch({ onChoose }: Pick<CustomerFieldProps, 'onChoose'>) {
  const { t } = useTranslation();
  const [q, setQ] = useState('');
  const filters = { q: q.trim(), limit: SUGGESTIONS };
  const found = useQuery({
    queryKey: keys.customers.list(filters),
    queryFn: () => take(api.GET('/api/crm/customers', { params: { query: asQuery(filters) } })),
    enabled: filters.q.length > 0,
  });
  return (
    <div>
      <Field
        label={t('tasks.columns.customer')}
        type="search"
        autoComplete="off"
        dir={q ? 'auto' : undefined}
        placeholder={t('tasks.customerSearch')}
        value={q}
        adornment={<Search aria-hidden className="me-2 size-4 text-faint" />}
        onChange={(event) => setQ(event.target.value)}
      />
      {filters.q && found.data && (
        <ul className="mt-1 rounded-control border border-line p-1">
          {found.data.results.map((customer) => (
            <CustomerOption
              key={customer.id}
              customer={customer}
              onChoose={() => onChoose({ id: customer.id, name: customer.name })}
            />
          ))}
          {found.data.results.length === 0 && (
            <li className="px-2 py-3 text-cell text-muted">{t('common.noneFound')}</li>
          )}
        </ul>
      )}
    </div>
  );
}
