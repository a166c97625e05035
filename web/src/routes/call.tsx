import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Check, Hand, PhoneOutgoing } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { CallDetail } from '@/api/types';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { PageHead } from '@/components/ui/page';
import { Skeleton, Trouble } from '@/components/ui/states';
import { CustomerPanel, FactsPanel, SummaryPanel } from '@/features/calls/about-call';
import { useClaim, useDial, useHandle } from '@/features/calls/actions';
import { CallBadge, otherSide, useWho, When } from '@/features/calls/cells';
import { FinishedCall } from '@/features/calls/finished-call';
import { LinkDialog } from '@/features/calls/link-dialog';
import { LiveCall } from '@/features/calls/live-call';
import { callQuery } from '@/features/calls/queries';
import { isClaimed, isLive } from '@/features/calls/state';
import { Timings } from '@/features/calls/timings';
import { CallTasks } from '@/features/tasks/task-panel';
import { formatDuration } from '@/format/dates';
import { useNow } from '@/format/use-format';
import { usePermission } from '@/session/session';
import { useCrumbs } from '@/shell/crumbs';
import { NotFound } from './fallbacks';

const route = getRouteApi('/inside/calls/$callId');

export function CallPage() {
  const { t } = useTranslation();
  const id = Number(route.useParams().callId);
  const query = useQuery({ ...callQuery(id), enabled: Number.isInteger(id) });
  const who = useWho();
  const missing = !Number.isInteger(id) || (isProblem(query.error) && query.error.status === 404);
  useCrumbs(
    { label: t('shell.calls'), to: '/calls' },
    { label: missing ? t('shell.notFoundTitle') : query.data ? who(query.data) : '…' },
  );
  if (missing) return <NotFound />;
  if (query.isPending) return <CallSkeleton />;
  if (!query.data) return <Trouble wholePage error={query.error} onRetry={() => void query.refetch()} />;
  return <CallView call={query.data} />;
}

function CallView({ call }: { call: CallDetail }) {
  const live = isLive(call);
  const who = useWho();
  const mayTasks = usePermission('tasks:read');
  return (
    <>
      <PageHead
        title={<bdi>{who(call)}</bdi>}
        lead={
          <span className="inline-flex flex-wrap items-center gap-x-3 gap-y-1">
            <CallBadge call={call} />
            {live ? <Running since={call.started_at} /> : <When at={call.started_at} />}
          </span>
        }
        actions={!live && <CallbackActions call={call} />}
        primary={!live && <CallBack call={call} />}
      />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_21rem] lg:grid-rows-[auto_1fr]">
        <div className="flex min-w-0 flex-col gap-4 empty:hidden lg:col-start-2">
          <SummaryPanel call={call} />
          {mayTasks && <CallTasks call={call.id} />}
        </div>
        <div
          className={cx(
            'flex min-w-0 flex-col gap-4 lg:col-start-1 lg:row-span-2 lg:row-start-1',
            live && 'max-lg:order-first',
          )}
        >
          {live ? <LiveCall call={call} /> : <FinishedCall call={call} />}
        </div>
        <aside className="flex min-w-0 flex-col gap-4 lg:col-start-2">
          <CustomerPanel call={call} />
          <FactsPanel call={call} />
          <Timings turns={call.turns} />
        </aside>
      </div>
      <LinkDialog call={call.id} />
    </>
  );
}

function Running({ since }: { since: string }) {
  const now = useNow(1_000);
  return (
    <bdi dir="ltr" className="tabular">
      {formatDuration((now.getTime() - new Date(since).getTime()) / 1000)}
    </bdi>
  );
}

function CallbackActions({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const mayWork = usePermission('calls:work');
  const claim = useClaim();
  const handle = useHandle();
  const now = useNow();
  if (!mayWork || call.test || !call.needs_callback) return null;
  return (
    <>
      <Button icon={Check} busy={handle.isPending} onClick={() => handle.mutate(call.id)}>
        {t('calls.handle')}
      </Button>
      {!isClaimed(call, now) && (
        <Button icon={Hand} busy={claim.isPending} onClick={() => claim.mutate(call.id)}>
          {t('calls.claim')}
        </Button>
      )}
    </>
  );
}

function CallBack({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const mayWork = usePermission('calls:work');
  const dial = useDial();
  if (!mayWork || call.test || call.caller_hidden) return null;
  return (
    <Button
      look="primary"
      icon={PhoneOutgoing}
      busy={dial.isPending}
      onClick={() =>
        dial.mutate(call.customer_id ? { customer_id: call.customer_id } : { to: otherSide(call) })
      }
    >
      {t('calls.dial')}
    </Button>
  );
}

function CallSkeleton() {
  return (
    <div className="flex flex-col gap-4">
      <Skeleton className="h-8 w-56" />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_21rem]">
        <div className="flex flex-col gap-4">
          <Skeleton className="h-44 rounded-card" />
          <Skeleton className="h-96 rounded-card" />
        </div>
        <div className="flex flex-col gap-4">
          <Skeleton className="h-36 rounded-card" />
          <Skeleton className="h-56 rounded-card" />
        </div>
      </div>
    </div>
  );
}
