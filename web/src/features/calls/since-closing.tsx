/** What today's page opens with: what came in since the business closed, who waits for what, and whether the line lives. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronLeft, CircleCheckBig, MessageCircle } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { SinceClosing, Waiting } from '@/api/types';
import { Badge, type Tone } from '@/components/ui/badge';
import { buttonClass } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Panel } from '@/components/ui/panel';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { PhoneText } from '@/components/ui/text';
import { formatCount } from '@/format/numbers';
import { useFormat, useNow } from '@/format/use-format';
import { usePermission } from '@/session/session';
import { useWho, When } from './cells';
import { Attempts, Claim, WaitingActions } from './waiting-row';

const SHOWN = 8;

/** Under `calls`, so that whatever happens to a call refreshes it. */
const sinceClosingQuery = queryOptions({
  queryKey: keys.calls.sinceClosing,
  queryFn: () => take(api.GET('/api/stats/since_closing')),
});

export function SinceClosingPanel() {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const query = useQuery(sinceClosingQuery);
  const { data } = query;
  const title = data?.closes
    ? t('today.since.title', { when: format.when(data.since, now) })
    : t('today.since.titleDay');
  return (
    <Panel title={title} aside={data && <LineStatus line={data.line} />}>
      {query.isPending && <SkeletonRows rows={3} />}
      {!data && query.isError && <Trouble small error={query.error} onRetry={() => void query.refetch()} />}
      {data && (
        <>
          <Numbers data={data} />
          <Rows data={data} />
        </>
      )}
    </Panel>
  );
}

interface NumberLink {
  to: '/calls' | '/crm/customers';
  search: object;
  label: 'calls' | 'settled' | 'waiting' | 'customers';
  total: number;
}

function Numbers({ data }: { data: SinceClosing }) {
  const { t } = useTranslation();
  const { since, calls, waiting, new_customers } = data;
  const all = { view: 'all' as const, from: since, counted: true as const };
  const numbers: NumberLink[] = [
    { label: 'calls', total: calls.all.total, to: '/calls', search: all },
    { label: 'settled', total: calls.settled.total, to: '/calls', search: { ...all, callback: 'false' } },
    { label: 'waiting', total: waiting.callers.total, to: '/calls', search: { from: since } },
    {
      label: 'customers',
      total: new_customers.total,
      to: '/crm/customers',
      search: { created_from: since, counted: 'true' },
    },
  ];
  return (
    <ul className="grid grid-cols-4 border-y border-line">
      {numbers.map(({ label, total, to, search }) => (
        <li key={label} className="border-s border-line first:border-s-0">
          <Link
            to={to}
            search={search as never}
            className="flex min-h-16 flex-col items-center justify-center px-1 py-2 hover:bg-hover"
          >
            <span className={cx('tabular text-title leading-tight font-bold', total === 0 && 'text-muted')}>
              {formatCount(total)}
            </span>
            <span className="text-center text-caption leading-tight text-muted">
              {t(`today.since.${label}`)}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

const MARKS: Record<SinceClosing['line']['state'], string> = {
  alive: 'bg-success-mark',
  never_heard: 'bg-info-mark',
  limited: 'bg-warn-mark',
  down: 'bg-danger-mark',
  not_connected: 'bg-edge',
};

/** Whether the line is alive, in one line. */
function LineStatus({ line }: { line: SinceClosing['line'] }) {
  const { t } = useTranslation();
  const maySet = usePermission('settings:write');
  const words = t(`today.line.${line.state}`);
  return (
    <span className="ms-auto inline-flex items-center gap-2 pe-2 text-caption text-muted">
      <span aria-hidden className={cx('size-2 shrink-0 rounded-full', MARKS[line.state])} />
      {line.state === 'not_connected' && maySet ? (
        <Link
          to="/business"
          search={{ section: 'number' }}
          className="font-semibold text-accent-text hover:underline"
        >
          {words}
        </Link>
      ) : (
        words
      )}
    </span>
  );
}

function Rows({ data }: { data: SinceClosing }) {
  const { t } = useTranslation();
  const mayWork = usePermission('calls:work');
  const { rows, callers, earlier } = data.waiting;
  return (
    <>
      {callers.total === 0 && (
        <Empty
          small
          icon={CircleCheckBig}
          title={t('today.since.clear')}
          hint={earlier.total > 0 ? t('today.since.clearHint') : t('today.waitingNoneHint')}
        />
      )}
      {rows.length > 0 && (
        <ul aria-label={t('today.since.waiting')} className="divide-y divide-line">
          {rows.slice(0, SHOWN).map((row) => (
            <Row key={row.last_call_id} row={row} mayWork={mayWork} />
          ))}
        </ul>
      )}
      {(callers.total > SHOWN || earlier.total > 0) && (
        <div className="flex flex-wrap gap-x-2 border-t border-line px-3 py-1.5">
          {callers.total > SHOWN && (
            <Link to="/calls" search={{ from: data.since }} className={buttonClass('ghost', 'sm')}>
              {t('today.waitingAll')}
              <ChevronLeft aria-hidden className="size-4 ltr:-scale-x-100" />
            </Link>
          )}
          {earlier.total > 0 && (
            <Link to="/calls" search={{ before: data.since }} className={buttonClass('ghost', 'sm')}>
              {t('today.since.earlier', { count: earlier.total })}
              <ChevronLeft aria-hidden className="size-4 ltr:-scale-x-100" />
            </Link>
          )}
        </div>
      )}
    </>
  );
}

const TONES: Record<string, Tone> = {
  person: 'danger',
  message: 'info',
  hung_up: 'neutral',
  hidden: 'neutral',
};
const REASONS = ['person', 'message', 'hung_up', 'hidden'] as const;

export function ReasonBadge({ reason }: { reason: string }) {
  const { t } = useTranslation();
  const known = REASONS.find((name) => name === reason);
  if (!known) return null;
  return <Badge tone={TONES[known] ?? 'neutral'}>{t(`today.reason.${known}`)}</Badge>;
}

function Row({ row, mayWork }: { row: Waiting; mayWork: boolean }) {
  const who = useWho();
  return (
    <li className="group relative flex flex-wrap items-center gap-x-3 gap-y-1 px-5 py-3 transition-colors focus-within:bg-hover hover:bg-hover">
      <div className="min-w-0 grow basis-56">
        <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-cell">
          <Link
            to="/calls/$callId"
            params={{ callId: String(row.last_call_id) }}
            className="min-w-0 truncate font-semibold after:absolute after:inset-0"
          >
            <bdi className={row.customer_name ? '' : 'tabular'}>{who(row)}</bdi>
          </Link>
          <ReasonBadge reason={row.reason} />
          <When at={row.first_at} className="text-caption text-muted" />
          {row.attempts > 1 && <Attempts row={row} />}
          <Claim row={row} />
        </div>
        {row.summary ? (
          <p dir="auto" className="aligned line-clamp-2 text-caption text-muted">
            {row.summary}
          </p>
        ) : (
          row.customer_name &&
          !row.caller_hidden && (
            <p className="text-caption text-muted">
              <PhoneText number={row.from_number} />
            </p>
          )
        )}
      </div>
      {mayWork && (
        <div className="relative z-1 flex shrink-0 gap-1 max-md:-me-2 max-md:ms-auto">
          <WriteLink row={row} />
          <WaitingActions row={row} />
        </div>
      )}
    </li>
  );
}

/** Mobile numbers of Israel, and whoever calls from elsewhere, can be written to. */
function mayHaveWhatsapp(number: string): boolean {
  return /^\+9725\d{8}$/.test(number) || /^\+(?!972)\d{8,15}$/.test(number);
}

function WriteLink({ row }: { row: Waiting }) {
  const { t } = useTranslation();
  const who = useWho();
  if (row.caller_hidden || !mayHaveWhatsapp(row.from_number)) return null;
  const label = t('today.since.write', { name: who(row) });
  return (
    <a
      href={`https://wa.me/${row.from_number.slice(1)}`}
      target="_blank"
      rel="noreferrer"
      aria-label={label}
      data-tip={label}
      className={buttonClass('ghost', 'sm', 'px-0! aspect-square w-8 max-md:w-11')}
    >
      <MessageCircle aria-hidden className="size-[18px]" strokeWidth={1.9} />
    </a>
  );
}
