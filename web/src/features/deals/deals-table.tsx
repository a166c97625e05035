/** Deals as a list: all of them, or one customer's. */
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Deal } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table/data-table';
import { Badge } from '@/components/ui/badge';
import { formatName } from '@/format/phone';
import { usePeople } from '@/session/people';
import { CloseDay } from './card';
import { Money } from './money';
import { type DealFilters, dealsQuery, pipelinesQuery } from './queries';

interface DealsTableProps {
  id: string;
  filters: DealFilters;
  onOpen: (deal: Deal) => void;
  onSort?: (sort: string) => void;
  onPage: (page: number) => void;
  toolbar?: ReactNode;
  empty: ReactNode;
  narrowed?: boolean;
  onClear?: () => void;
  /** All are the same customer's. */
  ofOne?: boolean;
}

export function DealsTable({ filters, onOpen, ofOne = false, ...rest }: DealsTableProps) {
  const { t } = useTranslation();
  const query = useQuery(dealsQuery(filters));
  const columns = useColumns(onOpen, ofOne);
  return (
    <DataTable<Deal>
      {...rest}
      title={t('deals.name')}
      columns={columns}
      query={query}
      rowKey={(deal) => deal.id}
      sort={filters.sort ?? '-created_at'}
      compactRow={(deal) => <Compact deal={deal} onOpen={() => onOpen(deal)} ofOne={ofOne} />}
    />
  );
}

function useColumns(onOpen: (deal: Deal) => void, ofOne: boolean): Column<Deal>[] {
  const { t } = useTranslation();
  return useMemo(() => {
    const columns: (Column<Deal> | false)[] = [
      {
        id: 'title',
        title: t('deals.title'),
        sort: 'title',
        fixed: true,
        cell: (deal) => <Title deal={deal} onOpen={() => onOpen(deal)} />,
      },
      !ofOne && {
        id: 'customer',
        title: t('tasks.columns.customer'),
        width: '11rem',
        from: 'lg',
        cell: (deal) => (
          <bdi className="text-muted">{deal.customer_name && formatName(deal.customer_name)}</bdi>
        ),
      },
      { id: 'stage', title: t('deals.stage'), width: '11rem', cell: (deal) => <Stage deal={deal} /> },
      {
        id: 'amount',
        title: t('deals.amount'),
        width: '8rem',
        cell: (deal) => <Money minor={deal.amount_minor} currency={deal.currency} />,
      },
      {
        id: 'close',
        title: t('deals.expectedClose'),
        width: '9rem',
        sort: 'expected_close',
        from: 'lg',
        cell: (deal) => deal.expected_close && <CloseDay deal={deal} />,
      },
      {
        id: 'owner',
        title: t('deals.owner'),
        width: '9rem',
        from: 'xl',
        cell: (deal) => <Owner deal={deal} />,
      },
    ];
    return columns.filter((column) => column !== false);
  }, [t, onOpen, ofOne]);
}

function Title({ deal, onOpen }: { deal: Deal; onOpen: () => void }) {
  return (
    <button
      type="button"
      data-row-link
      onClick={onOpen}
      className="block max-w-full truncate rounded-mark text-start font-semibold after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-control focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
    >
      <bdi>{deal.title}</bdi>
    </button>
  );
}

/** The stage while it is open, then how it ended. */
function Stage({ deal }: { deal: Deal }) {
  const { t } = useTranslation();
  const { data } = useQuery(pipelinesQuery);
  if (deal.status !== 'open')
    return (
      <Badge tone={deal.status === 'won' ? 'success' : 'neutral'}>
        {t(`deals.status.${deal.status as 'won'}`)}
      </Badge>
    );
  const stage = data?.flatMap(({ stages }) => stages).find(({ id }) => id === deal.stage_id);
  return <bdi>{stage?.name}</bdi>;
}

function Owner({ deal }: { deal: Deal }) {
  const { name } = usePeople();
  return <bdi className="text-muted">{name(deal.owner_id)}</bdi>;
}

function Compact({ deal, onOpen, ofOne }: { deal: Deal; onOpen: () => void; ofOne: boolean }) {
  return (
    <>
      <div className="flex items-baseline gap-2 text-cell">
        <span className="min-w-0 grow truncate">
          <Title deal={deal} onOpen={onOpen} />
        </span>
        <Money minor={deal.amount_minor} currency={deal.currency} className="shrink-0 font-semibold" />
      </div>
      <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-caption text-muted">
        <Stage deal={deal} />
        {!ofOne && deal.customer_name && (
          <bdi className="min-w-0 truncate">{formatName(deal.customer_name)}</bdi>
        )}
        {deal.expected_close && <CloseDay deal={deal} />}
      </div>
    </>
  );
}
