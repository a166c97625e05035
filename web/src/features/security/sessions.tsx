import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { MonitorSmartphone } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { SignedIn } from '@/api/types';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Panel } from '@/components/ui/panel';
import { SkeletonRows, Trouble } from '@/components/ui/states';
import { say, sayProblem } from '@/components/ui/toast';
import { useFormat, useNow } from '@/format/use-format';

const sessionsQuery = queryOptions({
  queryKey: keys.sessions,
  queryFn: () =>
    take(api.GET('/api/auth/sessions', { params: { query: asQuery({ sort: '-last_seen_at', limit: 50 }) } })),
});

function useEnding() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const shared = {
    onError: (error: unknown) => sayProblem(t, error),
    onSettled: () => client.invalidateQueries({ queryKey: keys.sessions }),
  };
  const one = useMutation({
    ...shared,
    mutationFn: (id: number) => take(api.DELETE('/api/auth/sessions/{id}', { params: { path: { id } } })),
    onSuccess: () => say(t('security.ended')),
  });
  const others = useMutation({
    ...shared,
    mutationFn: () => take(api.DELETE('/api/auth/sessions')),
    onSuccess: () => say(t('security.othersEnded')),
  });
  return { one, others };
}

export function Sessions() {
  const { t } = useTranslation();
  const listed = useQuery(sessionsQuery);
  const end = useEnding();
  const found = listed.data?.results ?? [];
  return (
    <Panel
      title={t('security.sessionsTitle')}
      action={
        found.length > 1 && (
          <Button size="sm" busy={end.others.isPending} onClick={() => end.others.mutate()}>
            {t('security.endOthers')}
          </Button>
        )
      }
    >
      {listed.isPending && <SkeletonRows rows={2} />}
      {listed.isError && <Trouble small error={listed.error} onRetry={() => void listed.refetch()} />}
      <ul className="flex flex-col divide-y divide-line">
        {found.map((session) => (
          <Row key={session.id} session={session} onEnd={() => end.one.mutate(session.id)} />
        ))}
      </ul>
    </Panel>
  );
}

function Row({ session, onEnd }: { session: SignedIn; onEnd: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { browser, system } = session;
  const known = browser && system ? t('security.device', { browser, system }) : (browser ?? system);
  const name = known ?? t('security.unknownDevice');
  return (
    <li className="flex items-center gap-3.5 px-5 py-3">
      <MonitorSmartphone aria-hidden className="size-5 shrink-0 text-muted" strokeWidth={1.8} />
      <div className="min-w-0 grow">
        <p className="flex flex-wrap items-center gap-2 text-cell font-semibold">
          <bdi>{name}</bdi>
          {session.current && <Badge tone="success">{t('security.thisDevice')}</Badge>}
        </p>
        <p className="flex flex-wrap gap-x-3 text-caption text-muted">
          <span>{t('security.seen', { when: format.when(session.last_seen_at, now) })}</span>
          {session.ip && <bdi dir="ltr">{session.ip}</bdi>}
        </p>
      </div>
      {!session.current && (
        <Button size="sm" aria-label={t('security.endOf', { name })} onClick={onEnd}>
          {t('security.end')}
        </Button>
      )}
    </li>
  );
}
