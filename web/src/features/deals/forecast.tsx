/** What the open deals may bring, month by month, and why others came to nothing. */
import { useQuery } from '@tanstack/react-query';
import { CalendarClock, ThumbsDown } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { DealForecast } from '@/api/types';
import { type Bar, DayChart } from '@/components/chart/day-chart';
import { Panel } from '@/components/ui/panel';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { formatMoney } from '@/format/numbers';
import { Money, Sums } from './money';
import { type DealFilters, forecastQuery, lossesQuery } from './queries';

type Expected = DealForecast['undated'];

export function Forecast({ filters }: { filters: DealFilters }) {
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.6fr)_minmax(0,1fr)]">
      <ByMonth filters={filters} />
      <Losses filters={filters} />
    </div>
  );
}

const MAIN = 'ILS';

/** The weighted sum in one currency; null where one may not see money. */
function weighted(expected: Expected, currency: string): number | null {
  if (!expected.sums) return null;
  return expected.sums.find((sum) => sum.currency === currency)?.weighted_minor ?? 0;
}

/** The currency that most is expected in. */
function mainCurrency(forecast: DealForecast): string {
  const sums = new Map<string, number>();
  for (const { sums: of } of forecast.months)
    for (const { currency, weighted_minor } of of ?? [])
      sums.set(currency, (sums.get(currency) ?? 0) + weighted_minor);
  return [...sums].sort((a, b) => b[1] - a[1])[0]?.[0] ?? MAIN;
}

function monthName(month: string): string {
  return month.split('-').reverse().join('/');
}

function ByMonth({ filters }: { filters: DealFilters }) {
  const { t } = useTranslation();
  const query = useQuery(forecastQuery(filters));
  const forecast = query.data;
  const currency = forecast ? mainCurrency(forecast) : MAIN;
  const money = forecast?.months.some(({ sums }) => sums != null) ?? false;
  const rest = forecast ? [forecast.overdue, forecast.later, forecast.undated] : [];
  const none = forecast && [...forecast.months, ...rest].every(({ deals }) => deals === 0);
  const bars: Bar[] = (forecast?.months ?? []).map((month) => {
    const value = money ? (weighted(month, currency) ?? 0) : month.deals;
    return { label: monthName(month.month), value, ...(money && { text: formatMoney(value, currency) }) };
  });
  return (
    <Panel title={t('deals.forecast')}>
      {query.isPending && <SkeletonRows rows={4} />}
      {query.isError && <Trouble small error={query.error} onRetry={() => void query.refetch()} />}
      {none && (
        <Empty
          small
          icon={CalendarClock}
          title={t('deals.forecastNone')}
          hint={t('deals.forecastNoneHint')}
        />
      )}
      {forecast && !none && (
        <div className="flex flex-col gap-4 px-5 pb-5">
          <p className="text-caption text-muted">{t(money ? 'deals.weightedHint' : 'deals.countHint')}</p>
          <DayChart
            label={t(money ? 'deals.weighted' : 'deals.name')}
            days={t('deals.month')}
            bars={bars}
            tone="success"
          />
          <dl className="grid gap-2 text-cell sm:grid-cols-3">
            <Rest label={t('deals.overdue')} expected={forecast.overdue} />
            <Rest label={t('deals.later')} expected={forecast.later} />
            <Rest label={t('deals.undated')} expected={forecast.undated} />
          </dl>
        </div>
      )}
    </Panel>
  );
}

function Rest({ label, expected }: { label: string; expected: Expected }) {
  const { t } = useTranslation();
  return (
    <div className="rounded-control bg-sunken px-3.5 py-2.5">
      <dt className="text-caption text-muted">{label}</dt>
      <dd className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-semibold">{t('deals.count', { count: expected.deals })}</span>
        {expected.sums?.map(({ currency, amount_minor }) => (
          <Money
            key={currency}
            minor={amount_minor}
            currency={currency}
            className="text-caption text-muted"
          />
        ))}
      </dd>
    </div>
  );
}

const SHOWN = 8;

function Losses({ filters }: { filters: DealFilters }) {
  const { t } = useTranslation();
  const query = useQuery(lossesQuery(filters));
  const reasons = query.data?.reasons.slice(0, SHOWN) ?? [];
  const most = Math.max(...reasons.map(({ deals }) => deals), 1);
  return (
    <Panel title={t('deals.losses')}>
      {query.isPending && <SkeletonRows rows={3} />}
      {query.isError && <Trouble small error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && reasons.length === 0 && <Empty small icon={ThumbsDown} title={t('deals.lossesNone')} />}
      {reasons.length > 0 && (
        <ul className="flex flex-col gap-3 px-5 pb-5">
          {reasons.map((loss) => (
            <li key={loss.reason ?? ''}>
              <p className="flex items-baseline gap-3 text-cell">
                <bdi className="min-w-0 grow truncate">{loss.reason ?? t('deals.reasonUnknown')}</bdi>
                <Sums sums={loss.sums} className="text-caption text-muted" />
                <span className="tabular font-semibold">{loss.deals}</span>
              </p>
              <span aria-hidden className="mt-1 block h-1.5 rounded-full bg-sunken">
                <span
                  className="block h-full rounded-full bg-danger-mark"
                  style={{ width: `${(loss.deals / most) * 100}%` }}
                />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
