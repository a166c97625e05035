/** The last 30 days: calls by day, how they went, and where new customers came from. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChartColumn, UserRoundPlus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { StatsOverview } from '@/api/types';
import { DayChart } from '@/components/chart/day-chart';
import { Panel } from '@/components/ui/panel';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { formatIsoDay } from '@/format/dates';
import { formatCount, formatMoney } from '@/format/numbers';
import { useFormat } from '@/format/use-format';
import { usePermission } from '@/session/session';

const overviewQuery = queryOptions({
  queryKey: keys.stats.overview,
  staleTime: 60_000,
  queryFn: () => take(api.GET('/api/stats/overview')),
});

const HUNDRED = 100;
const MINUTE_S = 60;
const HOUR_S = 3_600;

export function MonthOfCalls() {
  const { t } = useTranslation();
  const query = useQuery(overviewQuery);
  const { data } = query;
  const none = data && data.totals.calls.incoming + data.totals.calls.outgoing === 0;
  return (
    <Panel title={t('stats.month')}>
      {query.isPending && <SkeletonRows rows={3} />}
      {query.isError && <Trouble small error={query.error} onRetry={() => void query.refetch()} />}
      {none && <Empty small icon={ChartColumn} title={t('stats.none')} hint={t('stats.noneHint')} />}
      {data && !none && (
        <div className="flex flex-col gap-4 px-5 pb-5">
          <Facts data={data} />
          <DayChart
            label={t('stats.callsPerDay')}
            days={t('stats.day')}
            bars={data.days.map((day) => ({
              label: formatIsoDay(day.date),
              value: day.calls.incoming + day.calls.outgoing,
            }))}
          />
        </div>
      )}
    </Panel>
  );
}

function Facts({ data }: { data: StatsOverview }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { calls, tasks, deals, turns } = data.totals;
  const facts: [string, string | null][] = [
    [t('stats.calls'), formatCount(calls.incoming + calls.outgoing)],
    [
      t('stats.answered'),
      calls.answered_share == null ? null : `${Math.round(calls.answered_share * HUNDRED)}%`,
    ],
    [t('stats.handleTime'), calls.median_handle_seconds == null ? null : lasted(calls.median_handle_seconds)],
    [t('stats.response'), turns.p50_ms == null ? null : format.took(turns.p50_ms)],
    [t('stats.tasksDone'), tasks.done > 0 ? formatCount(tasks.done) : null],
    [t('stats.dealsWon'), deals.won > 0 ? formatCount(deals.won) : null],
    ...(deals.sums ?? [])
      .filter(({ won_minor }) => won_minor > 0)
      .map(({ currency, won_minor }): [string, string] => [
        t('stats.wonSum'),
        formatMoney(won_minor, currency),
      ]),
  ];
  function lasted(seconds: number): string {
    if (seconds < HOUR_S) return t('stats.minutes', { count: Math.max(1, Math.round(seconds / MINUTE_S)) });
    return t('stats.hours', { count: Math.round(seconds / HOUR_S) });
  }
  return (
    <dl className="flex flex-wrap gap-x-7 gap-y-3">
      {facts
        .filter(([, value]) => value !== null)
        .map(([label, value]) => (
          <div key={label}>
            <dt className="text-caption text-muted">{label}</dt>
            <dd className="tabular text-lead font-bold">
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
    </dl>
  );
}

const SOURCES = ['manual', 'call', 'whatsapp', 'import', 'api'] as const;

export function LeadsBySource() {
  const { t } = useTranslation();
  const mayLook = usePermission('customers:read');
  const { data } = useQuery(overviewQuery);
  if (!data) return null;
  const sources = Object.entries(data.totals.customers.by_source).sort((a, b) => b[1] - a[1]);
  const most = sources[0]?.[1] ?? 1;
  const named = (source: string) => {
    const known = SOURCES.find((name) => name === source);
    return known ? t(`customers.source.${known}`) : source;
  };
  return (
    <Panel title={t('stats.sources')}>
      {sources.length === 0 ? (
        <Empty small icon={UserRoundPlus} title={t('stats.sourcesNone')} />
      ) : (
        <ul className="flex flex-col gap-3 px-5 pb-5">
          {sources.map(([source, count]) => (
            <li key={source}>
              <p className="flex items-baseline gap-3 text-cell">
                <span className="min-w-0 grow truncate">
                  {mayLook ? (
                    <Link
                      to="/crm/customers"
                      search={{ source } as never}
                      className="rounded-mark hover:underline"
                    >
                      {named(source)}
                    </Link>
                  ) : (
                    named(source)
                  )}
                </span>
                <span className="tabular font-semibold">{formatCount(count)}</span>
              </p>
              <span aria-hidden className="mt-1 block h-1.5 rounded-full bg-sunken">
                <span
                  className="block h-full rounded-full bg-info-mark"
                  style={{ width: `${(count / most) * HUNDRED}%` }}
                />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
