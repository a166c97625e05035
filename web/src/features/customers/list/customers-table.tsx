/** The customers of the business: all of them, however many. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Customer } from '@/api/types';
import { DataTable } from '@/components/data-table/data-table';
import type { Endless } from '@/components/data-table/endless';
import type { TableChoices } from '@/components/data-table/options';
import type { Picking } from '@/components/data-table/selection';
import { Avatar } from '@/components/ui/avatar';
import { Badge } from '@/components/ui/badge';
import { PhoneText } from '@/components/ui/text';
import { StatusBadge } from '../status';
import { NameLink, useColumns } from './columns';
import { RestoreButton } from './restore';

interface CustomersTableProps {
  list: Endless<Customer>;
  options: TableChoices;
  picking?: Picking;
  sort: string;
  onSort: (sort: string) => void;
  toolbar: ReactNode;
  note: ReactNode;
  aside: ReactNode;
  empty: ReactNode;
  narrowed: boolean;
  onClear: () => void;
  /** Those that were deleted, to be brought back. */
  deleted: boolean;
}

const restore = (customer: Customer) => <RestoreButton customer={customer} />;

export function CustomersTable({ list, deleted, ...rest }: CustomersTableProps) {
  const { t } = useTranslation();
  const columns = useColumns();
  return (
    <DataTable<Customer>
      {...rest}
      {...(deleted && { rowActions: restore, actionsShown: true })}
      id="customers"
      title={t('customers.title')}
      columns={columns}
      query={list}
      rowKey={rowKey}
      compactRow={compact}
    />
  );
}

const rowKey = (customer: Customer) => customer.id;
const compact = (customer: Customer) => <CompactCustomer customer={customer} />;

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
