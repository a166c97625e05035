/** Whether the server itself works, and the outside services that calls need. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { keys } from '@/api/keys';
import type { Engine } from '@/api/types';
import { Badge } from '@/components/ui/badge';
import { Panel } from '@/components/ui/panel';
import { SkeletonRows, Trouble } from '@/components/ui/states';
import { enginesQuery, versionQuery } from './queries';

interface Ready {
  ready: boolean;
  checks: Record<string, string>;
}

const EVERY_MS = 15_000;

/** The probe answers 503 with the same body when something is wrong, which is an answer all the same. */
const readyQuery = queryOptions({
  queryKey: keys.platform.ready,
  refetchInterval: EVERY_MS,
  queryFn: async (): Promise<Ready> => (await fetch('/readyz')).json(),
});

const CHECKS = ['database', 'migrations', 'jobs', 'storage', 'draining'] as const;
const KINDS = ['stt', 'llm', 'tts'] as const;

export function Health() {
  const { t } = useTranslation();
  const ready = useQuery(readyQuery);
  const engines = useQuery(enginesQuery);
  const version = useQuery(versionQuery);
  return (
    <>
      <Panel
        title={t('admin.health.server')}
        aside={
          version.data && (
            <bdi dir="ltr" className="font-mono text-caption text-muted">
              {version.data.version} {version.data.git_commit.slice(0, 8)}
            </bdi>
          )
        }
      >
        {ready.isPending && <SkeletonRows rows={3} />}
        {ready.isError && <Trouble small error={ready.error} onRetry={() => void ready.refetch()} />}
        {ready.data && (
          <ul className="flex flex-col divide-y divide-line border-t border-line">
            {CHECKS.map((check) => (
              <Line
                key={check}
                name={t(`admin.health.check.${check}`)}
                good={ready.data.checks[check] === 'ok'}
                words={ready.data.checks[check] === 'ok' ? t('admin.health.works') : t('admin.health.fails')}
              />
            ))}
          </ul>
        )}
      </Panel>
      <Panel title={t('admin.health.providers')}>
        {engines.isPending && <SkeletonRows rows={3} />}
        {engines.isError && <Trouble small error={engines.error} onRetry={() => void engines.refetch()} />}
        {engines.data && KINDS.map((kind) => <Engines key={kind} kind={kind} engines={engines.data[kind]} />)}
      </Panel>
    </>
  );
}

function Engines({ kind, engines }: { kind: (typeof KINDS)[number]; engines: readonly Engine[] }) {
  const { t } = useTranslation();
  return (
    <div className="border-t border-line">
      <h3 className="px-5 pt-3 text-caption font-semibold text-muted">{t(`admin.health.kind.${kind}`)}</h3>
      {engines.length === 0 ? (
        <p className="px-5 pt-1 pb-3 text-cell text-muted">{t('admin.health.noEngine')}</p>
      ) : (
        <ol className="pb-2">
          {engines.map((engine) => (
            <Line
              key={engine.name}
              code
              name={engine.name}
              good={engine.usable}
              words={engine.usable ? t('admin.health.usable') : t('admin.health.leftOut')}
            />
          ))}
        </ol>
      )}
    </div>
  );
}

function Line({ name, good, words, code }: { name: string; good: boolean; words: string; code?: boolean }) {
  const icon: LucideIcon = good ? CircleCheck : CircleX;
  return (
    <li className="flex items-center gap-3 px-5 py-2.5 text-cell">
      {code ? (
        <bdi dir="ltr" className="min-w-0 grow truncate text-start font-mono text-caption">
          {name}
        </bdi>
      ) : (
        <span className="min-w-0 grow">{name}</span>
      )}
      <Badge tone={good ? 'success' : 'danger'} icon={icon}>
        {words}
      </Badge>
    </li>
  );
}
