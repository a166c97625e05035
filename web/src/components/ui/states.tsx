/** What stands in place of content: not yet, nothing, or a problem. */
import { type LucideIcon, RotateCw, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { problemText } from '@/i18n/problem-text';
import { Button } from './button';
import { cx } from './cx';

export function Skeleton({ className }: { className: string }) {
  return <span aria-hidden className={cx('block animate-shimmer rounded-mark bg-sunken', className)} />;
}

export function SkeletonRows({ rows = 4 }: { rows?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t('common.loading')} className="flex flex-col gap-4 p-4">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are alike and never move
        <div key={row} className="flex items-center gap-3">
          <Skeleton className="size-8 rounded-full" />
          <Skeleton className="h-3.5 w-36" />
          <Skeleton className="h-3.5 grow" />
        </div>
      ))}
    </div>
  );
}

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  hint?: string;
  action?: ReactNode;
  small?: boolean;
  /** It is all there is on the page. */
  wholePage?: boolean;
}

export function Empty({ icon: Icon, title, hint, action, small, wholePage }: EmptyProps) {
  const Title = wholePage ? 'h1' : 'p';
  return (
    <div
      className={cx(
        'mx-auto flex max-w-md flex-col items-center text-center text-balance',
        small ? 'px-5 py-7' : 'px-6 py-16',
      )}
    >
      <span className="mb-3 grid size-11 place-items-center rounded-full bg-sunken text-muted">
        <Icon aria-hidden className="size-5" strokeWidth={1.8} />
      </span>
      {title && <Title className="font-bold">{title}</Title>}
      {hint && <p className="mt-1 text-cell text-muted">{hint}</p>}
      {action && <div className="mt-4">{action}</div>}
    </div>
  );
}

interface TroubleProps {
  error: unknown;
  onRetry?: () => void;
  small?: boolean;
  /** It is all there is on the page. */
  wholePage?: boolean;
}

export function Trouble({ error, onRetry, small, wholePage }: TroubleProps) {
  const { t } = useTranslation();
  const Title = wholePage ? 'h1' : 'p';
  const requestId = isProblem(error) ? error.requestId : null;
  return (
    <div
      role="alert"
      className={cx(
        'mx-auto flex max-w-md flex-col items-center text-center',
        small ? 'px-5 py-7' : 'px-6 py-16',
      )}
    >
      <span className="mb-3 grid size-11 place-items-center rounded-full bg-danger-soft text-danger-text">
        <TriangleAlert aria-hidden className="size-5" strokeWidth={1.8} />
      </span>
      <Title className="font-bold">{t('problems.title')}</Title>
      <p className="mt-1 text-cell text-balance text-muted">{problemText(t, error)}</p>
      {onRetry && (
        <Button className="mt-4" icon={RotateCw} onClick={onRetry}>
          {t('common.retry')}
        </Button>
      )}
      {requestId && <RequestId id={requestId} />}
    </div>
  );
}

export function RequestId({ id, className = 'mt-3 text-faint' }: { id: string; className?: string }) {
  const { t } = useTranslation();
  return (
    <p className={cx('text-caption', className)}>
      {t('problems.requestId', { id: '' })}
      <bdi dir="ltr" className="block font-mono text-[12px] select-all">
        {id}
      </bdi>
    </p>
  );
}

/** A problem inside a form or dialog; with the number of the request where it is not for the person to mend. */
export function Refusal({ error, text }: { error: unknown; text?: string | undefined }) {
  const { t } = useTranslation();
  if (!error) return null;
  const requestId = isProblem(error) && error.isOurs ? error.requestId : null;
  return (
    <div
      role="alert"
      className="rounded-control border border-danger-line bg-danger-soft px-3.5 py-2.5 text-cell text-danger-text"
    >
      {text ?? problemText(t, error)}
      {requestId && <RequestId id={requestId} className="mt-1" />}
    </div>
  );
}
