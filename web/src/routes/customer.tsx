import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ChevronLeft, Phone } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { Customer } from '@/api/types';
import { Count } from '@/components/ui/badge';
import { buttonClass } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Panel } from '@/components/ui/panel';
import { Empty, Skeleton, SkeletonRows, Trouble } from '@/components/ui/states';
import { Prose } from '@/components/ui/text';
import { useDialog } from '@/components/ui/use-dialog';
import { useDial } from '@/features/calls/actions';
import { CallsTable } from '@/features/calls/calls-table';
import { CallBadge, When } from '@/features/calls/cells';
import { callsQuery } from '@/features/calls/queries';
import { CustomerDetails } from '@/features/customers/details';
import { FORGETTING, ForgetDialog } from '@/features/customers/forget-dialog';
import { CustomerHeader } from '@/features/customers/header';
import { MERGING, Merging } from '@/features/customers/merging';
import { OwnFields } from '@/features/customers/own-fields';
import { customerQuery } from '@/features/customers/queries';
import { SamePanel } from '@/features/customers/same-panel';
import { Notes } from '@/features/notes/notes';
import { notesQuery } from '@/features/notes/queries';
import { CustomerTasksTab } from '@/features/tasks/customer-tab';
import { CustomerTasks } from '@/features/tasks/task-panel';
import { Timeline } from '@/features/timeline/timeline';
import { formatName } from '@/format/phone';
import { usePermission } from '@/session/session';
import { useCrumbs } from '@/shell/crumbs';
import { NotFound } from './fallbacks';

const CustomerChat = lazy(() =>
  import('@/features/inbox/customer-tab').then((part) => ({ default: part.CustomerChat })),
);
const CustomerDealsTab = lazy(() =>
  import('@/features/deals/customer-tab').then((part) => ({ default: part.CustomerDealsTab })),
);

const route = getRouteApi('/inside/crm/customers/$customerId');

export function CustomerPage() {
  const { t } = useTranslation();
  const id = Number(route.useParams().customerId);
  const query = useQuery({ ...customerQuery(id), enabled: Number.isInteger(id) });
  const missing = !Number.isInteger(id) || (isProblem(query.error) && query.error.status === 404);
  useCrumbs(
    { label: t('customers.title'), to: '/crm/customers' },
    { label: missing ? t('shell.notFoundTitle') : query.data ? formatName(query.data.body.name) : '…' },
  );
  if (missing) return <NotFound />;
  if (query.isPending) return <CustomerSkeleton />;
  if (!query.data) return <Trouble wholePage error={query.error} onRetry={() => void query.refetch()} />;
  return <CustomerView key={id} customer={query.data.body} />;
}

type Tab = 'overview' | 'timeline' | 'calls' | 'whatsapp' | 'deals' | 'tasks' | 'notes';

function CustomerView({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const { tab = 'overview' } = route.useSearch();
  const dial = useDial();
  const mayCalls = usePermission('calls:read');
  const mayTasks = usePermission('tasks:read');
  const mayDeals = usePermission('deals:read');
  const mayThreads = usePermission('threads:read');
  const mayTimeline = usePermission('timeline:read');
  const calls = useQuery({ ...callsQuery({ customer_id: customer.id, page: 1 }), enabled: mayCalls });
  const notes = useQuery(notesQuery(customer.id));
  const merging = useDialog(MERGING);
  const forgetting = useDialog(FORGETTING);
  const [same, setSame] = useState<number | null>(null);
  const tabs: { value: Tab; label: string; count?: number }[] = [
    { value: 'overview', label: t('customers.overview') },
    ...(mayTimeline ? [{ value: 'timeline' as const, label: t('customers.timeline') }] : []),
    ...(mayCalls
      ? [
          {
            value: 'calls' as const,
            label: t('customers.calls'),
            ...(calls.data?.total && { count: calls.data.total }),
          },
        ]
      : []),
    ...(mayThreads ? [{ value: 'whatsapp' as const, label: t('inbox.name') }] : []),
    ...(mayDeals ? [{ value: 'deals' as const, label: t('deals.name') }] : []),
    ...(mayTasks ? [{ value: 'tasks' as const, label: t('tasks.title') }] : []),
    {
      value: 'notes',
      label: t('customers.notes'),
      ...(notes.data?.total && { count: notes.data.total }),
    },
  ];
  const row = useTabInSight(`${tab} ${tabs.map(({ count }) => count).join()}`);
  const merge = (other: number | null) => {
    setSame(other);
    merging.show();
  };
  return (
    <>
      <CustomerHeader
        customer={customer}
        dialing={dial.isPending}
        onDial={() => dial.mutate({ customer_id: customer.id })}
        onMerge={() => merge(null)}
        onForget={forgetting.show}
      >
        <nav
          ref={row}
          aria-label={customer.name}
          className="flex gap-5 overflow-x-auto border-t border-line px-5 [scrollbar-width:none]"
        >
          {tabs.map(({ value, label, count }) => (
            <Link
              key={value}
              to="/crm/customers/$customerId"
              params={{ customerId: String(customer.id) }}
              search={value === 'overview' ? {} : { tab: value }}
              replace
              resetScroll={false}
              activeOptions={{ exact: true }}
              aria-current={tab === value ? 'page' : undefined}
              className={cx(
                '-mb-px flex h-11 shrink-0 items-center gap-2 border-b-2 text-cell font-semibold transition-colors',
                tab === value ? 'border-accent text-ink' : 'border-transparent text-muted hover:text-ink',
              )}
            >
              {label}
              {count !== undefined && <Count>{count}</Count>}
            </Link>
          ))}
        </nav>
      </CustomerHeader>
      <div
        className={cx('grid items-start gap-4 pt-4', tab !== 'tasks' && 'lg:grid-cols-[minmax(0,1fr)_21rem]')}
      >
        <div className="flex min-w-0 flex-col gap-4">
          {tab === 'overview' && <Overview customer={customer} onMerge={merge} />}
          {tab === 'timeline' && <Timeline customer={customer.id} />}
          {tab === 'calls' && <CustomerCalls customer={customer.id} />}
          {tab === 'whatsapp' && mayThreads && (
            <Suspense fallback={<SkeletonRows />}>
              <CustomerChat customer={customer} />
            </Suspense>
          )}
          {tab === 'deals' && mayDeals && (
            <Suspense fallback={<SkeletonRows />}>
              <CustomerDealsTab customer={customer} />
            </Suspense>
          )}
          {tab === 'tasks' && <CustomerTasksTab customer={customer} />}
          {tab === 'notes' && <Notes customer={customer.id} />}
        </div>
        {mayTasks && tab !== 'tasks' && (
          <aside className="min-w-0">
            <CustomerTasks customer={customer.id} />
          </aside>
        )}
      </div>
      <Merging customer={customer} other={same} />
      <ForgetDialog customer={customer} />
    </>
  );
}

/** On a phone the row of tabs is wider than the window; counts that arrive later make it wider still. */
function useTabInSight(shown: string) {
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    if (shown)
      row.current?.querySelector('[aria-current]')?.scrollIntoView?.({ block: 'nearest', inline: 'center' });
  }, [shown]);
  return row;
}

interface OverviewProps {
  customer: Customer;
  onMerge: (other: number) => void;
}

function Overview({ customer, onMerge }: OverviewProps) {
  const { t } = useTranslation();
  const mayCalls = usePermission('calls:read');
  const mayMerge = usePermission('customers:merge');
  return (
    <>
      {customer.need && (
        <Panel title={t('customers.need')}>
          <Prose className="px-5 pb-5">{customer.need}</Prose>
        </Panel>
      )}
      {mayCalls && <LastCall customer={customer.id} />}
      <CustomerDetails customer={customer} />
      <OwnFields customer={customer} />
      {mayMerge && <SamePanel customer={customer} onMerge={onMerge} />}
    </>
  );
}

function LastCall({ customer }: { customer: number }) {
  const { t } = useTranslation();
  const { data } = useQuery(callsQuery({ customer_id: customer, page: 1 }));
  const call = data?.results[0];
  if (!call) return null;
  return (
    <Panel
      title={t('customers.lastCall')}
      action={
        <Link to="/calls/$callId" params={{ callId: String(call.id) }} className={buttonClass('ghost', 'sm')}>
          {t('customers.openCall')}
          <ChevronLeft aria-hidden className="size-4 ltr:-scale-x-100" />
        </Link>
      }
    >
      <div className="flex flex-col gap-2 px-5 pb-5">
        <div className="flex items-center gap-3 text-cell text-muted">
          <CallBadge call={call} />
          <When at={call.started_at} />
        </div>
        {call.summary && <Prose>{call.summary}</Prose>}
      </div>
    </Panel>
  );
}

function CustomerCalls({ customer }: { customer: number }) {
  const { t } = useTranslation();
  const [page, setPage] = useState(1);
  return (
    <CallsTable
      id="customer-calls"
      ofOne
      filters={{ customer_id: customer, page }}
      onPage={setPage}
      empty={<Empty icon={Phone} title={t('customers.callsEmpty')} hint={t('customers.callsEmptyHint')} />}
    />
  );
}

function CustomerSkeleton() {
  return (
    <div className="flex flex-col gap-4">
      <Skeleton className="h-36 rounded-card" />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_21rem]">
        <Skeleton className="h-96 rounded-card" />
        <Skeleton className="h-56 rounded-card" />
      </div>
    </div>
  );
}
