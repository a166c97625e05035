/** Calls as a list: all of them, or one customer's. */
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Call } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table/data-table';
import { Badge } from '@/components/ui/badge';
import { formatDuration } from '@/format/dates';
import { CallBadge, Direction, When, Who } from './cells';
import { type CallFilters, callsQuery } from './queries';

interface CallsTableProps {
  id: string;
  filters: CallFilters;
  onSort?: (sort: string) => void;
  onPage: (page: number) => void;
  toolbar?: ReactNode;
  empty: ReactNode;
  narrowed?: boolean;
  onClear?: () => void;
}

export function CallsTable({ filters, ...rest }: CallsTableProps) {
  const { t } = useTranslation();
  const query = useQuery(callsQuery(filters));
  const columns = useColumns();
  return (
    <DataTable<Call>
      {...rest}
      title={t('shell.calls')}
      columns={columns}
      query={query}
      rowKey={(call) => call.id}
      sort={filters.sort ?? '-created_at'}
      compactRow={(call) => <CompactCall call={call} />}
    />
  );
}

function useColumns(): Column<Call>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      {
        id: 'who',
        title: t('calls.who'),
        width: '15rem',
        fixed: true,
        cell: (call) => (
          <span className="flex items-center gap-3">
            <Direction call={call} />
            <span className="min-w-0 grow truncate">
              <Who row={call} call={call.id} />
            </span>
          </span>
        ),
      },
      {
        id: 'outcome',
        title: t('calls.outcomeColumn'),
        width: '12.5rem',
        cell: (call) => (
          <span className="flex items-center gap-1.5">
            <CallBadge call={call} />
            {call.test && <Badge tone="accent">{t('calls.test')}</Badge>}
          </span>
        ),
      },
      {
        id: 'summary',
        title: t('calls.summary'),
        from: 'lg',
        cell: (call) => (
          <span dir="auto" className="block truncate aligned text-muted">
            {call.summary ?? ''}
          </span>
        ),
      },
      {
        id: 'duration',
        title: t('calls.duration'),
        width: '6rem',
        cell: (call) => (
          <bdi dir="ltr" className="tabular text-muted">
            {call.duration_seconds == null ? '' : formatDuration(call.duration_seconds)}
          </bdi>
        ),
      },
      {
        id: 'when',
        title: t('calls.when'),
        width: '9.5rem',
        sort: 'created_at',
        cell: (call) => <When at={call.started_at} className="text-muted" />,
      },
    ],
    [t],
  );
}

function CompactCall({ call }: { call: Call }) {
  return (
    <>
      <div className="flex items-center gap-2">
        <Direction call={call} />
        <span className="min-w-0 grow truncate font-semibold">
          <Who row={call} call={call.id} nameOnly />
        </span>
        <When at={call.started_at} className="shrink-0 text-caption text-muted" />
      </div>
      <div className="mt-1.5 flex items-center gap-2">
        <CallBadge call={call} />
        <span dir="auto" className="min-w-0 grow truncate aligned text-caption text-muted">
          {call.summary ?? ''}
        </span>
      </div>
    </>
  );
}
