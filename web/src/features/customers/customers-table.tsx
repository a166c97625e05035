import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Customer } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table/data-table';
import { Avatar } from '@/components/ui/avatar';
import { Badge } from '@/components/ui/badge';
import { PhoneText } from '@/components/ui/text';
import { formatName } from '@/format/phone';
import { useFormat, useNow } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { type CustomerFilters, customersQuery } from './queries';
import { StatusBadge } from './status';

interface CustomersTableProps {
  filters: CustomerFilters;
  onSort: (sort: string) => void;
  onPage: (page: number) => void;
  toolbar: ReactNode;
  empty: ReactNode;
  narrowed: boolean;
  onClear: () => void;
}

export function CustomersTable({ filters, ...rest }: CustomersTableProps) {
  const { t } = useTranslation();
  const query = useQuery(customersQuery(filters));
  const columns = useColumns();
  return (
    <DataTable<Customer>
      {...rest}
      id="customers"
      title={t('customers.title')}
      columns={columns}
      query={query}
      rowKey={(customer) => customer.id}
      sort={filters.sort ?? '-created_at'}
      compactRow={(customer) => <CompactCustomer customer={customer} />}
    />
  );
}

function NameLink({ customer }: { customer: Customer }) {
  return (
    <Link
      to="/crm/customers/$customerId"
      params={{ customerId: String(customer.id) }}
      data-row-link
      className="block truncate rounded-mark font-semibold after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-control focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
    >
      <bdi>{formatName(customer.name)}</bdi>
    </Link>
  );
}

function Ago({ at }: { at: string | null | undefined }) {
  const format = useFormat();
  const now = useNow();
  if (!at) return null;
  return (
    <time dateTime={at} title={format.dateTime(at)} className="tabular text-muted">
      {format.when(at, now)}
    </time>
  );
}

function Owner({ id }: { id: number | null | undefined }) {
  const { name } = usePeople();
  return <span className="text-muted">{name(id) ?? ''}</span>;
}

function useColumns(): Column<Customer>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      {
        id: 'name',
        title: t('customers.name'),
        sort: 'name',
        fixed: true,
        cell: (customer) => (
          <span className="flex items-center gap-3">
            <Avatar name={customer.name} />
            <span className="min-w-0 grow truncate">
              <NameLink customer={customer} />
            </span>
          </span>
        ),
      },
      {
        id: 'phone',
        title: t('customers.phone'),
        width: '10rem',
        cell: (customer) => customer.phone && <PhoneText number={customer.phone} />,
      },
      {
        id: 'status',
        title: t('customers.statusColumn'),
        width: '9rem',
        cell: (customer) => <StatusBadge status={customer.status} />,
      },
      {
        id: 'need',
        title: t('customers.need'),
        from: 'xl',
        cell: (customer) => (
          <span dir="auto" className="block truncate aligned text-muted">
            {customer.need ?? ''}
          </span>
        ),
      },
      {
        id: 'owner',
        title: t('customers.owner'),
        width: '9rem',
        from: 'lg',
        cell: (customer) => <Owner id={customer.owner_id} />,
      },
      {
        id: 'last',
        title: t('customers.lastContact'),
        width: '9.5rem',
        sort: 'last_contact_at',
        cell: (customer) => <Ago at={customer.last_contact_at} />,
      },
      {
        id: 'created',
        title: t('customers.createdAt'),
        width: '9.5rem',
        sort: 'created_at',
        from: 'lg',
        cell: (customer) => <Ago at={customer.created_at} />,
      },
    ],
    [t],
  );
}

function CompactCustomer({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  return (
    <div className="flex items-center gap-3">
      <Avatar name={customer.name} />
      <div className="min-w-0 grow">
        <NameLink customer={customer} />
        <div className="flex items-center gap-2 text-caption text-muted">
          {customer.phone && <PhoneText number={customer.phone} />}
          {customer.blocked && <Badge tone="danger">{t('customers.blocked')}</Badge>}
        </div>
      </div>
      <StatusBadge status={customer.status} />
    </div>
  );
}
