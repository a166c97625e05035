import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Headset } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { EngineNotice } from '@/components/engine-notice';
import { buttonClass } from '@/components/ui/button';
import { PageHead } from '@/components/ui/page';
import { useNarrow } from '@/components/use-narrow';
import { FirstSteps } from '@/features/business/first-steps';
import { callsQuery } from '@/features/calls/queries';
import { SinceClosingPanel } from '@/features/calls/since-closing';
import { LiveCalls, WaitingPanel } from '@/features/calls/today';
import { NewLeads } from '@/features/customers/leads';
import { TodayTasks } from '@/features/tasks/task-panel';
import { useFormat, useNow } from '@/format/use-format';
import { wantWords } from '@/i18n/i18n';
import { usePermission, useSession } from '@/session/session';
import { useCrumbs } from '@/shell/crumbs';
import { Mark } from '@/shell/mark';

/** Charts come with their words, after what has to be done. */
async function charts() {
  const [parts] = await Promise.all([import('@/features/stats/overview'), wantWords('stats')]);
  return parts;
}
const MonthOfCalls = lazy(() => charts().then((parts) => ({ default: parts.MonthOfCalls })));
const LeadsBySource = lazy(() => charts().then((parts) => ({ default: parts.LeadsBySource })));

const HomeScreenCard = lazy(() => import('@/features/notifications/home-screen-card'));

export function TodayPage() {
  const narrow = useNarrow();
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { user } = useSession();
  const calls = usePermission('calls:read');
  const tasks = usePermission('tasks:read');
  const customers = usePermission('customers:read');
  const settings = usePermission('settings:write');
  const stats = usePermission('stats:read');
  useCrumbs({ label: t('shell.today') });
  const name = user.name.split(' ')[0] ?? user.name;
  return (
    <>
      <PageHead title={t(greeting(format.hour(now)), { name })} lead={format.longDay(now)} />
      <div className="flex flex-col gap-4">
        {narrow && (
          <Suspense>
            <HomeScreenCard />
          </Suspense>
        )}
        <EngineNotice />
        {calls && <FirstCall />}
        {settings && <FirstSteps />}
        {calls && <LiveCalls />}
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.45fr)_minmax(0,1fr)]">
          <div className="flex min-w-0 flex-col gap-4">
            {calls && (stats ? <SinceClosingPanel /> : <WaitingPanel />)}
            {tasks && <TodayTasks />}
            {calls && stats && (
              <Suspense>
                <MonthOfCalls />
              </Suspense>
            )}
          </div>
          <div className="flex min-w-0 flex-col gap-4">
            {customers && <NewLeads />}
            {customers && stats && (
              <Suspense>
                <LeadsBySource />
              </Suspense>
            )}
          </div>
        </div>
      </div>
    </>
  );
}

function greeting(hour: number) {
  if (hour >= 5 && hour < 12) return 'today.morning' as const;
  if (hour >= 12 && hour < 17) return 'today.noon' as const;
  if (hour >= 17 && hour < 22) return 'today.evening' as const;
  return 'today.night' as const;
}

/** Until the first call, the way to hear what callers will hear. */
function FirstCall() {
  const { t } = useTranslation();
  const mayCall = usePermission('calls:work');
  const { data } = useQuery(callsQuery({ page: 1 }));
  if (!mayCall || data?.total !== 0) return null;
  return (
    <section className="flex flex-wrap items-center gap-x-5 gap-y-4 rounded-card border border-accent-line bg-accent-soft p-6">
      <Mark className="size-11 shrink-0" />
      <div className="min-w-60 grow basis-0">
        <h2 className="text-lead font-bold">{t('today.firstTitle')}</h2>
        <p className="text-cell text-muted">{t('today.firstHint')}</p>
      </div>
      <Link to="/test-call" className={buttonClass('primary', 'md', 'max-md:w-full')}>
        <Headset aria-hidden className="size-4" />
        {t('shell.testCall')}
      </Link>
    </section>
  );
}
