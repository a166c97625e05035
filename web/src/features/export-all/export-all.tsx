/** Everything of the business as one archive, for its owner: made in the background, there for a day. */
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Archive as ArchiveIcon, Download } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { download } from '@/api/download';
import { keys } from '@/api/keys';
import type { Archive } from '@/api/types';
import { Badge, type Tone } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Refusal, SkeletonRows, Trouble } from '@/components/ui/states';
import { sayProblem } from '@/components/ui/toast';
import { formatCount } from '@/format/numbers';
import { useFormat, useNow } from '@/format/use-format';

const LISTED = 10;
/** Its end is told by an event; this is for when that does not arrive. */
const ASK_AGAIN_MS = 3_000;

const isOpen = ({ status }: Archive) => status === 'queued' || status === 'running';

const archivesQuery = queryOptions({
  queryKey: keys.exports,
  queryFn: () => take(api.GET('/api/exports', { params: { query: asQuery({ limit: LISTED }) } })),
  refetchInterval: ({ state }) => (state.data?.results.some(isOpen) ? ASK_AGAIN_MS : false),
});

export function ExportAll() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(archivesQuery);
  const start = useMutation({
    mutationFn: () => take(api.POST('/api/exports')),
    onSettled: () => client.invalidateQueries({ queryKey: keys.exports }),
  });
  const archives = query.data?.results;
  const running = archives?.some(isOpen) ?? false;
  return (
    <Card flush title={t('exportAll.title')} lead={t('exportAll.lead')}>
      <div className="px-5 pt-1 pb-5">
        <Button
          look="primary"
          icon={ArchiveIcon}
          busy={start.isPending || running}
          onClick={() => start.mutate()}
        >
          {running ? t('exportAll.running') : t('exportAll.start')}
        </Button>
        {start.error ? (
          <div className="mt-3">
            <Refusal error={start.error} />
          </div>
        ) : null}
      </div>
      {query.isPending && <SkeletonRows rows={2} />}
      {query.isError && !archives && (
        <Trouble small error={query.error} onRetry={() => void query.refetch()} />
      )}
      <ul>
        {archives?.map((archive) => (
          <ArchiveRow key={archive.id} archive={archive} />
        ))}
      </ul>
    </Card>
  );
}

const TONES: Record<Archive['status'], Tone> = {
  queued: 'info',
  running: 'info',
  done: 'success',
  failed: 'danger',
  expired: 'neutral',
};

function ArchiveRow({ archive }: { archive: Archive }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { url, status, size_bytes, expires_at } = archive;
  const counts = archive.counts as Record<string, number>;
  const holds = (['customers', 'calls', 'recordings', 'tasks', 'notes'] as const)
    .filter((name) => counts[name])
    .map((name) =>
      t(`exportAll.holds.${name}`, { count: counts[name] ?? 0, shown: formatCount(counts[name] ?? 0) }),
    );
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line px-5 py-3 text-cell">
      <div className="min-w-0 grow">
        <p className="flex flex-wrap items-center gap-2">
          <time dateTime={archive.created_at} className="font-semibold">
            {format.when(archive.created_at, now)}
          </time>
          <Badge tone={TONES[status]}>{t(`exportAll.status.${status}`)}</Badge>
          {size_bytes != null && url && <bdi className="tabular text-muted">{sizeOf(size_bytes)}</bdi>}
        </p>
        {holds.length > 0 && <p className="text-caption text-muted">{holds.join(' · ')}</p>}
        {url && expires_at && (
          <p className="text-caption text-muted">
            {t('exportAll.until', { when: format.dateTime(expires_at) })}
          </p>
        )}
      </div>
      {url && (
        <Button icon={Download} onClick={() => void download(url).catch((error) => sayProblem(t, error))}>
          {t('exportAll.download')}
        </Button>
      )}
    </li>
  );
}

/** `12 MB`, `340 KB` */
function sizeOf(bytes: number): string {
  const kilobytes = Math.max(1, Math.round(bytes / 1024));
  return kilobytes < 1024 ? `${kilobytes} KB` : `${Math.round(kilobytes / 102.4) / 10} MB`;
}
