/** Work in the background: what was given up, with the way to try it again, and what waits or runs. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, Inbox, RotateCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { DeadJob } from '@/api/types';
import { Badge, Count } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Panel } from '@/components/ui/panel';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { say, useSayProblem } from '@/components/ui/toast';
import { useFormat, useNow } from '@/format/use-format';
import { jobsQuery, useBusinessNames } from './queries';

export function Jobs() {
  const { t } = useTranslation();
  const jobs = useQuery(jobsQuery);
  const failures = jobs.data?.failures ?? [];
  return (
    <>
      <Panel
        title={t('admin.jobs.givenUp')}
        aside={failures.length > 0 ? <Count>{failures.length}</Count> : null}
      >
        {jobs.isPending && <SkeletonRows rows={3} />}
        {jobs.isError && <Trouble small error={jobs.error} onRetry={() => void jobs.refetch()} />}
        {jobs.isSuccess && failures.length === 0 && (
          <Empty small icon={CircleCheck} title={t('admin.jobs.none')} hint={t('admin.jobs.noneHint')} />
        )}
        {failures.length > 0 && (
          <ul className="flex flex-col divide-y divide-line border-t border-line">
            {failures.map((job) => (
              <Failure key={job.id} job={job} />
            ))}
          </ul>
        )}
      </Panel>
      {jobs.data && <Queue queue={jobs.data.queue} />}
    </>
  );
}

function Failure({ job }: { job: DeadJob }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const format = useFormat();
  const now = useNow();
  const { name } = useBusinessNames();
  const onError = useSayProblem();
  const retry = useMutation({
    mutationFn: () => take(api.POST('/api/admin/jobs/{id}/retry', { params: { path: { id: job.id } } })),
    onSuccess: () => say(t('admin.jobs.retried')),
    onError,
    onSettled: () => client.invalidateQueries({ queryKey: keys.platform.jobs }),
  });
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 px-5 py-3">
      <div className="min-w-0 grow basis-72">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-cell">
          <bdi dir="ltr" className="font-mono text-caption font-semibold">
            {job.kind}
          </bdi>
          <span className="text-caption text-muted">
            {job.business_id ? (name(job.business_id) ?? `#${job.business_id}`) : t('admin.platform')}
          </span>
        </p>
        <p className="flex flex-wrap gap-x-3 text-caption text-muted">
          <span>{t('admin.jobs.attempts', { count: job.attempts })}</span>
          {job.finished_at && <span>{format.when(job.finished_at, now)}</span>}
        </p>
        {job.last_error && (
          <p
            dir="ltr"
            className="mt-1.5 rounded-control bg-sunken px-3 py-2 text-start font-mono text-[12px] break-words"
          >
            {job.last_error}
          </p>
        )}
        <bdi dir="ltr" className="mt-1 block font-mono text-[12px] break-all text-faint select-all">
          {job.request_id}
        </bdi>
      </div>
      <Button
        size="sm"
        icon={RotateCw}
        busy={retry.isPending}
        aria-label={t('admin.jobs.retryOf', { kind: job.kind })}
        onClick={() => retry.mutate()}
      >
        {t('admin.jobs.retry')}
      </Button>
    </li>
  );
}

interface QueueProps {
  queue: readonly { kind: string; state: string; jobs: number; first_at?: string | null }[];
}

const TONES = { queued: 'info', running: 'success', dead: 'danger' } as const;

function Queue({ queue }: QueueProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  return (
    <Panel title={t('admin.jobs.queue')}>
      {queue.length === 0 ? (
        <Empty small icon={Inbox} title={t('admin.jobs.queueEmpty')} />
      ) : (
        <ul className="flex flex-col divide-y divide-line border-t border-line">
          {queue.map((entry) => (
            <li
              key={`${entry.kind} ${entry.state}`}
              className="flex flex-wrap items-center gap-x-3 gap-y-1 px-5 py-2.5 text-cell"
            >
              <bdi dir="ltr" className="min-w-48 grow font-mono text-caption">
                {entry.kind}
              </bdi>
              <span className="tabular font-semibold">{entry.jobs}</span>
              <Badge tone={TONES[entry.state as keyof typeof TONES] ?? 'neutral'}>
                {t(`admin.jobs.state.${entry.state as 'queued'}`)}
              </Badge>
              <span className="w-28 text-caption text-muted">
                {entry.first_at && format.when(entry.first_at, now)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
