/** Calls as a list: all of them, or one customer's. */
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Call } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table/data-table';
import { Badge } from '@/components/ui/badge';
import { formatDuration } from '@/format/dates';
import { CallBadge, Direction, When, WhenLink, Who } from './cells';
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
  /** All are with the same person, whose name need not stand in every row. */
  ofOne?: boolean;
}

export function CallsTable({ filters, ofOne = false, ...rest }: CallsTableProps) {
  const { t } = useTranslation();
  const query = useQuery(callsQuery(filters));
  const columns = useColumns(ofOne);
  return (
    <DataTable<Call>
      {...rest}
      title={t('shell.calls')}
      columns={columns}
      query={query}
      rowKey={(call) => call.id}
      sort={filters.sort ?? '-created_at'}
      compactRow={(call) => <CompactCall call={call} ofOne={ofOne} />}
    />
  );
}

function useColumns(ofOne: boolean): Column<Call>[] {
  const { t } = useTranslation();
  return useMemo(() => {
    const who: Column<Call> = {
      id: 'who',
      title: t('calls.who'),
      width: '15rem',
      fixed: true,
      cell: (call) => (
        <Led call={call}>
          <Who row={call} call={call.id} />
        </Led>
      ),
    };
    const dated: Column<Call> = {
      id: 'when',
      title: t('calls.when'),
      width: '11rem',
      fixed: true,
      cell: (call) => (
        <Led call={call}>
          <WhenLink call={call} />
        </Led>
      ),
    };
    const outcome: Column<Call> = {
      id: 'outcome',
      title: t('calls.outcomeColumn'),
      width: '12.5rem',
      cell: (call) => (
        <span className="flex items-center gap-1.5">
          <CallBadge call={call} />
          {call.test && <Badge tone="accent">{t('calls.test')}</Badge>}
        </span>
      ),
    };
    const summary: Column<Call> = {
      id: 'summary',
      title: t('calls.summary'),
      from: 'lg',
      cell: (call) => (
        <span dir="auto" className="block truncate aligned text-muted">
          {call.summary ?? ''}
        </span>
      ),
    };
    const duration: Column<Call> = {
      id: 'duration',
      title: t('calls.duration'),
      width: '6rem',
      cell: (call) => (
        <bdi dir="ltr" className="tabular text-muted">
          {call.duration_seconds == null ? '' : formatDuration(call.duration_seconds)}
        </bdi>
      ),
    };
    const when: Column<Call> = {
      id: 'when',
      title: t('calls.when'),
      width: '9.5rem',
      sort: 'created_at',
      cell: (call) => <When at={call.started_at} className="text-muted" />,
    };
    return ofOne ? [dated, outcome, summary, duration] : [who, outcome, summary, duration, when];
  }, [t, ofOne]);
}

/** Which way the call went, before what leads to it. */
function Led({ call, children }: { call: Call; children: ReactNode }) {
  return (
    <span className="flex items-center gap-3">
      <Direction call={call} />
      <span className="min-w-0 grow truncate">{children}</span>
    </span>
  );
}

function CompactCall({ call, ofOne }: { call: Call; ofOne: boolean }) {
  return (
    <>
      <div className="flex items-center gap-2">
        <Direction call={call} />
        <span className="min-w-0 grow truncate font-semibold">
          {ofOne ? <WhenLink call={call} /> : <Who row={call} call={call.id} nameOnly />}
        </span>
        {!ofOne && <When at={call.started_at} className="shrink-0 text-caption text-muted" />}
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
