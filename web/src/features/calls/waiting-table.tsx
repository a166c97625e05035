/** Those who wait for a callback: one row per customer, the one who waits longest first. */
import { useQuery } from '@tanstack/react-query';
import { PhoneIncoming } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Waiting } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table/data-table';
import { Empty } from '@/components/ui/states';
import { PhoneText } from '@/components/ui/text';
import { waitingQuery } from '@/session/counts';
import { usePermission } from '@/session/session';
import { When, Who } from './cells';
import { type WaitingFilters, waitingOfQuery } from './queries';
import { Attempts, Claim, WaitingActions } from './waiting-row';

interface WaitingTableProps {
  filters: WaitingFilters;
  toolbar?: ReactNode;
  onClear: () => void;
}

export function WaitingTable({ filters, toolbar, onClear }: WaitingTableProps) {
  const { t } = useTranslation();
  const narrowed = Object.keys(filters).length > 0;
  const whole = useQuery({ ...waitingQuery, enabled: !narrowed });
  const some = useQuery({ ...waitingOfQuery(filters), enabled: narrowed });
  const query = narrowed ? some : whole;
  const mayWork = usePermission('calls:work');
  const columns = useColumns();
  return (
    <DataTable<Waiting>
      id="waiting"
      title={t('calls.waitingView')}
      columns={columns}
      query={query}
      rowKey={(row) => row.last_call_id}
      actionsShown
      toolbar={toolbar}
      narrowed={narrowed}
      onClear={onClear}
      compactRow={(row) => <CompactWaiting row={row} />}
      {...(mayWork && { rowActions: (row: Waiting) => <WaitingActions row={row} /> })}
      empty={
        <Empty icon={PhoneIncoming} title={t('calls.waitingEmpty')} hint={t('calls.waitingEmptyHint')} />
      }
    />
  );
}

function useColumns(): Column<Waiting>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      {
        id: 'who',
        title: t('calls.who'),
        width: '14rem',
        fixed: true,
        cell: (row) => <Who row={row} call={row.last_call_id} />,
      },
      {
        id: 'since',
        title: t('calls.since'),
        width: '9.5rem',
        cell: (row) => <When at={row.first_at} />,
      },
      {
        id: 'attempts',
        title: t('calls.attempts'),
        width: '8rem',
        cell: (row) => <Attempts row={row} />,
      },
      {
        id: 'summary',
        title: t('calls.summary'),
        from: 'lg',
        cell: (row) => (
          <span dir="auto" className="block truncate aligned text-muted">
            {row.summary ?? ''}
          </span>
        ),
      },
      {
        id: 'claim',
        title: t('calls.outcome.claimed'),
        width: '10rem',
        from: 'lg',
        cell: (row) => <Claim row={row} />,
      },
    ],
    [t],
  );
}

function CompactWaiting({ row }: { row: Waiting }) {
  const { t } = useTranslation();
  return (
    <>
      <div className="flex items-baseline gap-2.5">
        <span className="min-w-0 truncate">
          <Who row={row} call={row.last_call_id} nameOnly />
        </span>
        <When at={row.first_at} className="shrink-0 text-caption text-muted" />
      </div>
      <div className="mt-0.5 flex items-center gap-2 text-caption text-muted">
        <Claim row={row} />
        {row.attempts > 1 && (
          <span className="shrink-0 font-semibold text-warn-text">
            {t('calls.attempts', { count: row.attempts })}
          </span>
        )}
        <span dir="auto" className="aligned min-w-0 grow truncate">
          {row.summary || (row.customer_name && row.from_number && <PhoneText number={row.from_number} />)}
        </span>
      </div>
    </>
  );
}
