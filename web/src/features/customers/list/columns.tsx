/** The columns of the customers' list, with those of the business's own fields. */
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Customer, OwnField } from '@/api/types';
import type { Column } from '@/components/data-table/data-table';
import { Avatar } from '@/components/ui/avatar';
import { Badge } from '@/components/ui/badge';
import { PhoneText } from '@/components/ui/text';
import { formatName } from '@/format/phone';
import { useFormat, useNow } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { ownValue, useOwnFields, useStatuses } from '../own';
import { useOwnText } from '../own-text';
import { useSourceName } from '../sources';
import { NamedStatus } from '../status';

export function NameLink({ customer }: { customer: Customer }) {
  // One who was deleted has no page until brought back.
  if (customer.deleted_at) return <bdi className="font-semibold">{formatName(customer.name)}</bdi>;
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

const quiet = (text: string | null | undefined) => (
  <span dir="auto" className="block truncate aligned text-muted">
    {text ?? ''}
  </span>
);

const leftToRight = (text: string | null | undefined) => (
  <bdi dir="ltr" className="tabular text-muted">
    {text ?? ''}
  </bdi>
);

/** As the fields of a customer are called everywhere. */
export function useColumns(): Column<Customer>[] {
  const fields = useOwnFields();
  const usual = useUsual();
  const dated = useDated();
  const ownText = useOwnText();
  return useMemo(
    () => [...usual, ...dated, ...fields.map((field) => ownColumn(field, ownText))],
    [usual, dated, fields, ownText],
  );
}

function ownColumn(field: OwnField, text: (field: OwnField, value: unknown) => string): Column<Customer> {
  return {
    id: `custom.${field.key}`,
    title: field.label,
    width: '10rem',
    optional: true,
    cell: ({ custom }) => quiet(text(field, ownValue(custom, field.key))),
  };
}

function useUsual(): Column<Customer>[] {
  const { t } = useTranslation();
  const { keys, name, own } = useStatuses();
  const source = useSourceName();
  const people = usePeople();
  // What is looked up per row is looked up here, so that rows need not.
  const known = JSON.stringify([keys, own, people.people.map((user) => [user.id, user.name])]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `known` stands for what the names depend on
  return useMemo(() => {
    const column = (id: string, title: string, more: Partial<Column<Customer>>): Column<Customer> => ({
      id,
      title,
      cell: () => null,
      ...more,
    });
    return [
      column('name', t('customers.name'), { sort: 'name', fixed: true, cell: named }),
      column('phone', t('customers.phone'), {
        width: '10rem',
        cell: ({ phone }) => phone && <PhoneText number={phone} />,
      }),
      column('status', t('customers.statusColumn'), {
        width: '9rem',
        sort: 'status',
        cell: ({ status }) => <NamedStatus status={status} name={name(status)} />,
      }),
      column('need', t('customers.need'), { width: '12rem', from: '2xl', cell: ({ need }) => quiet(need) }),
      column('tags', t('customers.tags'), { width: '12rem', optional: true, cell: tagged }),
      column('owner_id', t('customers.owner'), {
        width: '9rem',
        from: 'xl',
        cell: ({ owner_id }) => quiet(people.name(owner_id)),
      }),
      column('email', t('customers.email'), {
        width: '14rem',
        optional: true,
        cell: ({ email }) => leftToRight(email),
      }),
      column('company', t('customers.company'), {
        width: '11rem',
        optional: true,
        sort: 'company',
        cell: ({ company }) => quiet(company),
      }),
      column('tax_id', t('customers.taxId'), {
        width: '8rem',
        optional: true,
        cell: ({ tax_id }) => leftToRight(tax_id),
      }),
      column('address', t('customers.address'), {
        width: '14rem',
        optional: true,
        cell: ({ address }) => quiet(address),
      }),
      column('source', t('customers.sourceColumn'), {
        width: '8rem',
        optional: true,
        cell: (customer) => quiet(source(customer.source)),
      }),
    ];
  }, [t, known]);
}

function named(customer: Customer): ReactNode {
  return (
    <span className="flex items-center gap-3">
      <Avatar name={customer.name} />
      <span className="min-w-0 grow truncate">
        <NameLink customer={customer} />
      </span>
    </span>
  );
}

function tagged({ tags }: Customer): ReactNode {
  return (
    <span className="flex gap-1 overflow-hidden">
      {tags.map((tag) => (
        <Badge key={tag}>{tag}</Badge>
      ))}
    </span>
  );
}

/** Times are said as seen from now. */
function useDated(): Column<Customer>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  return useMemo(() => {
    const ago = (at: string | null | undefined) =>
      at && (
        <time dateTime={at} className="tabular text-muted">
          {format.when(at, now)}
        </time>
      );
    return [
      {
        id: 'last_contact_at',
        title: t('customers.lastContact'),
        width: '8.5rem',
        sort: 'last_contact_at',
        cell: (customer) => ago(customer.last_contact_at),
      },
      {
        id: 'created_at',
        title: t('customers.createdAt'),
        width: '8.5rem',
        sort: 'created_at',
        from: 'xl',
        cell: (customer) => ago(customer.created_at),
      },
      {
        id: 'updated_at',
        title: t('customerList.updatedAt'),
        width: '8.5rem',
        sort: 'updated_at',
        optional: true,
        cell: (customer) => ago(customer.updated_at),
      },
    ];
  }, [t, format, now]);
}
