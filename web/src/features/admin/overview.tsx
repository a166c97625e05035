/** The platform in numbers: sums, what happened day by day, and how it divides between the businesses. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Building2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PlatformStats } from '@/api/types';
import { DayChart } from '@/components/chart/day-chart';
import { Views } from '@/components/data-table/toolbar';
import { Badge } from '@/components/ui/badge';
import { Panel } from '@/components/ui/panel';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { formatIsoDay } from '@/format/dates';
import { formatCount } from '@/format/numbers';
import { statsQuery } from './queries';

const MEASURES = ['calls', 'customers', 'tasks', 'users'] as const;
type Measure = (typeof MEASURES)[number];

export function Overview() {
  const stats = useQuery(statsQuery);
  if (stats.isPending)
    return (
      <Panel>
        <SkeletonRows rows={5} />
      </Panel>
    );
  if (!stats.data)
    return (
      <Panel>
        <Trouble error={stats.error} onRetry={() => void stats.refetch()} />
      </Panel>
    );
  return (
    <>
      <Sums stats={stats.data} />
      <ByDay stats={stats.data} />
      <ByBusiness stats={stats.data} />
    </>
  );
}

function Sums({ stats }: { stats: PlatformStats }) {
  const { t } = useTranslation();
  const sums = [
    {
      label: t('admin.sums.businesses'),
      value: stats.active_businesses,
      ...(stats.businesses > stats.active_businesses && {
        hint: t('admin.sums.ofWhich', { count: stats.businesses - stats.active_businesses }),
      }),
    },
    ...MEASURES.map((measure) => ({ label: t(`admin.sums.${measure}`), value: stats.total[measure] })),
  ];
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-5">
      {sums.map(({ label, value, hint }: { label: string; value: number; hint?: string }) => (
        <div key={label} className="rounded-card border border-line bg-surface px-5 py-4">
          <dt className="text-caption text-muted">{label}</dt>
          <dd className="tabular mt-0.5 text-heading font-bold">
            <bdi>{formatCount(value)}</bdi>
          </dd>
          {hint && <dd className="text-caption text-muted">{hint}</dd>}
        </div>
      ))}
    </dl>
  );
}

function ByDay({ stats }: { stats: PlatformStats }) {
  const { t } = useTranslation();
  const [measure, setMeasure] = useState<Measure>('calls');
  return (
    <Panel title={t('admin.byDay')}>
      <div className="flex flex-col gap-4 px-5 pb-5">
        <Views
          label={t('admin.byDay')}
          value={measure}
          options={MEASURES.map((value) => ({ value, label: t(`admin.sums.${value}`) }))}
          onChoose={setMeasure}
        />
        <DayChart
          label={t(`admin.made.${measure}`)}
          days={t('admin.day')}
          bars={stats.by_day.map((day) => ({ label: formatIsoDay(day.day), value: day[measure] }))}
        />
      </div>
    </Panel>
  );
}

const SHOWN = 10;

function ByBusiness({ stats }: { stats: PlatformStats }) {
  const { t } = useTranslation();
  const busiest = [...stats.per_business].sort((a, b) => b.calls - a.calls).slice(0, SHOWN);
  return (
    <Panel title={t('admin.busiest')}>
      {busiest.length === 0 ? (
        <Empty small icon={Building2} title={t('admin.business.none')} />
      ) : (
        <ul className="flex flex-col divide-y divide-line border-t border-line">
          {busiest.map((business) => (
            <li key={business.business_id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3">
              <span className="flex min-w-40 grow items-center gap-2 text-cell">
                <Link
                  to="/admin"
                  search={{ section: 'businesses', q: business.name }}
                  className="rounded-mark font-semibold hover:underline"
                >
                  <bdi>{business.name}</bdi>
                </Link>
                {!business.active && <Badge>{t('admin.business.inactive')}</Badge>}
              </span>
              <span className="flex flex-wrap gap-x-4 text-caption text-muted">
                {MEASURES.map((measure) => (
                  <span key={measure}>{t(`admin.count.${measure}`, { count: business[measure] })}</span>
                ))}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
