/** Earlier imports, the newest first. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronLeft, FileText } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Import } from '@/api/types';
import { Badge, type Tone } from '@/components/ui/badge';
import { Panel } from '@/components/ui/panel';
import { SkeletonRows, Trouble } from '@/components/ui/states';
import { formatCount } from '@/format/numbers';
import { useFormat, useNow } from '@/format/use-format';
import { importsQuery } from './queries';

export function PastImports() {
  const { t } = useTranslation();
  const query = useQuery(importsQuery);
  const imports = query.data?.results;
  if (imports?.length === 0) return null;
  return (
    <Panel title={t('imports.past')}>
      {query.isPending && <SkeletonRows rows={3} />}
      {query.isError && !imports && (
        <Trouble small error={query.error} onRetry={() => void query.refetch()} />
      )}
      <ul>
        {imports?.map((one) => (
          <Past key={one.id} one={one} />
        ))}
      </ul>
    </Panel>
  );
}

const TONES: Record<Import['status'], Tone> = {
  queued: 'info',
  running: 'info',
  done: 'success',
  failed: 'danger',
  undoing: 'info',
  undone: 'neutral',
};

function Past({ one }: { one: Import }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const trial = one.dry_run && one.status === 'done';
  return (
    <li className="relative flex items-center gap-3 border-t border-line px-5 py-3 transition-colors focus-within:bg-hover hover:bg-hover">
      <FileText aria-hidden className="size-5 shrink-0 text-faint" strokeWidth={1.8} />
      <div className="min-w-0 grow">
        <Link
          to="/crm/customers/import"
          search={{ id: one.id }}
          className="block truncate text-cell font-semibold after:absolute after:inset-0"
        >
          <bdi>{one.file_name}</bdi>
        </Link>
        <p className="text-caption text-muted">
          {t('imports.rows', { count: one.rows, shown: formatCount(one.rows) })}
          {' · '}
          <time dateTime={one.created_at}>{format.when(one.created_at, now)}</time>
        </p>
      </div>
      <Badge tone={trial ? 'neutral' : TONES[one.status]}>
        {trial ? t('imports.status.trial') : t(`imports.status.${one.status}`)}
      </Badge>
      <ChevronLeft aria-hidden className="size-4 shrink-0 text-faint ltr:-scale-x-100" />
    </li>
  );
}
