/** What today's page shows of calls: those that run, and those who wait. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronLeft, PhoneIncoming } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Call, Waiting } from '@/api/types';
import { Count } from '@/components/ui/badge';
import { buttonClass } from '@/components/ui/button';
import { Panel } from '@/components/ui/panel';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { PhoneText } from '@/components/ui/text';
import { formatDuration } from '@/format/dates';
import { useNow } from '@/format/use-format';
import { liveCallsQuery, waitingQuery } from '@/session/counts';
import { usePermission } from '@/session/session';
import { useWho, When } from './cells';
import { Attempts, Claim, WaitingActions } from './waiting-row';

const SHOWN = 6;

export function LiveCalls() {
  const { t } = useTranslation();
  const { data: calls } = useQuery(liveCallsQuery);
  if (!calls?.length) return null;
  return (
    <ul aria-label={t('today.live')} className="grid gap-3 sm:grid-cols-[repeat(auto-fit,minmax(22rem,1fr))]">
      {calls.map((call) => (
        <LiveCard key={call.id} call={call} />
      ))}
    </ul>
  );
}

function LiveCard({ call }: { call: Call }) {
  const { t } = useTranslation();
  const who = useWho();
  const now = useNow(1_000);
  const seconds = (now.getTime() - new Date(call.started_at).getTime()) / 1000;
  return (
    <li className="relative flex items-center gap-3.5 rounded-card border border-success-line bg-success-soft px-5 py-3.5 transition-colors hover:border-success-mark">
      <span aria-hidden className="size-2.5 shrink-0 animate-pulse-mark rounded-full bg-success-mark" />
      <span className="shrink-0 text-cell font-semibold text-success-text">{t('shell.liveCall')}</span>
      <Link
        to="/calls/$callId"
        params={{ callId: String(call.id) }}
        className="min-w-0 truncate font-bold after:absolute after:inset-0 after:rounded-card"
      >
        <bdi>{who(call)}</bdi>
      </Link>
      <bdi dir="ltr" className="tabular text-cell text-success-text">
        {formatDuration(seconds)}
      </bdi>
      <span className="grow" />
      <span className="inline-flex shrink-0 items-center gap-1 text-cell font-semibold text-success-text max-sm:sr-only">
        {t('today.watch')}
        <ChevronLeft aria-hidden className="size-4 ltr:-scale-x-100" />
      </span>
    </li>
  );
}

export function WaitingPanel() {
  const { t } = useTranslation();
  const query = useQuery(waitingQuery);
  const mayWork = usePermission('calls:work');
  const rows = query.data?.results;
  const total = query.data?.total ?? 0;
  return (
    <Panel
      title={t('today.waiting')}
      aside={total > 0 ? <Count>{total}</Count> : null}
      action={
        total > 0 && (
          <Link to="/calls" className={buttonClass('ghost', 'sm')}>
            {t('today.waitingAll')}
            <ChevronLeft aria-hidden className="size-4 ltr:-scale-x-100" />
          </Link>
        )
      }
    >
      {query.isPending && <SkeletonRows rows={3} />}
      {query.isError && !rows && <Trouble small error={query.error} onRetry={() => void query.refetch()} />}
      {rows?.length === 0 && (
        <Empty small icon={PhoneIncoming} title={t('today.waitingNone')} hint={t('today.waitingNoneHint')} />
      )}
      {rows && rows.length > 0 && (
        <ul className="pb-2">
          {rows.slice(0, SHOWN).map((row) => (
            <WaitingRow key={row.last_call_id} row={row} mayWork={mayWork} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function WaitingRow({ row, mayWork }: { row: Waiting; mayWork: boolean }) {
  const who = useWho();
  const words = row.summary || (row.customer_name && !row.caller_hidden && row.from_number);
  return (
    <li className="group relative flex items-center gap-3 px-5 py-3 transition-colors focus-within:bg-hover hover:bg-hover">
      <div className="min-w-0 grow">
        <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-cell">
          <Link
            to="/calls/$callId"
            params={{ callId: String(row.last_call_id) }}
            className="min-w-0 truncate font-semibold after:absolute after:inset-0"
          >
            <bdi className={row.customer_name ? '' : 'tabular'}>{who(row)}</bdi>
          </Link>
          <When at={row.first_at} className="text-caption text-muted" />
          {row.attempts > 1 && <Attempts row={row} />}
          <Claim row={row} />
        </div>
        {words && (
          <p dir="auto" className="aligned truncate text-caption text-muted">
            {row.summary || <PhoneText number={row.from_number} />}
          </p>
        )}
      </div>
      {mayWork && (
        <div className="relative z-1 flex shrink-0 gap-1">
          <WaitingActions row={row} />
        </div>
      )}
    </li>
  );
}
