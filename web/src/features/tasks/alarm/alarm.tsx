/** A task that falls due: over everything, one thing, four large buttons; or a silent bar while one is busy. */
import { BellRing, X } from 'lucide-react';
import { lazy, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/ui/button';
import { useAlarm } from './use-alarm';

const AlarmDialog = lazy(() => import('./dialog'));

export interface AlarmProps {
  /** Calls the customer, ringing one's own phone first. */
  onDial: (customer: number) => void;
}

export function TaskAlarm({ onDial }: AlarmProps) {
  const { t } = useTranslation();
  const { rings, opened, silenced, aside, bringBack, dismiss } = useAlarm();
  const [first] = opened;
  const title = first?.title;
  useEffect(() => {
    if (!silenced || !title) return;
    const before = document.title;
    document.title = t('tasks.alarm.windowTitle', { title });
    return () => {
      document.title = before;
    };
  }, [silenced, title, t]);
  if (first) {
    return (
      <Suspense>
        <AlarmDialog rings={opened} onAside={aside} onDial={onDial} />
      </Suspense>
    );
  }
  const [waiting] = rings;
  if (!waiting) return null;
  return (
    <div
      role="status"
      className="fixed inset-x-0 top-2 z-30 mx-auto flex w-[min(36rem,calc(100vw-1rem))] items-center gap-3 rounded-card border border-warn-line bg-warn-soft py-1.5 ps-4 pe-1.5 text-cell text-warn-text shadow-float"
    >
      <BellRing aria-hidden className="size-4 shrink-0" />
      <bdi className="min-w-0 grow truncate font-semibold">{waiting.title}</bdi>
      {rings.length > 1 && (
        <span className="shrink-0">{t('tasks.alarm.more', { count: rings.length - 1 })}</span>
      )}
      <button
        type="button"
        className="target shrink-0 rounded-control px-3 py-1.5 font-bold underline underline-offset-4 hover:no-underline"
        onClick={bringBack}
      >
        {t('tasks.alarm.open')}
      </button>
      <IconButton size="sm" label={t('tasks.alarm.dismiss')} icon={X} onClick={dismiss} />
    </div>
  );
}
