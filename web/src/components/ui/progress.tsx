import { useTranslation } from 'react-i18next';
import { formatCount } from '@/format/numbers';

interface ProgressProps {
  label: string;
  done: number;
  of: number;
}

/** How far something has come that takes a while. */
export function Progress({ label, done, of }: ProgressProps) {
  const { t } = useTranslation();
  const share = of > 0 ? Math.min(1, done / of) : 0;
  const counted = t('common.doneOf', { done: formatCount(done), of: formatCount(of) });
  return (
    <div className="min-w-64 grow py-1">
      <div className="mb-1.5 flex justify-between gap-4 text-cell">
        <span className="font-semibold">{label}</span>
        <bdi className="tabular text-muted">{counted}</bdi>
      </div>
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={of}
        aria-valuenow={done}
        aria-valuetext={counted}
        className="h-2 overflow-hidden rounded-full bg-sunken"
      >
        <div
          className="h-full rounded-full bg-accent transition-[inline-size]"
          style={{ inlineSize: `${share * 100}%` }}
        />
      </div>
    </div>
  );
}
