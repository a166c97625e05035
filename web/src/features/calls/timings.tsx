/** How long each answer took and of what: hearing, thinking, speaking; folded, for those who look for it. Time runs left to right. */
import { ChevronDown } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Turn } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { useFormat } from '@/format/use-format';

const PARTS = [
  { field: 't_audio_ms', key: 'calls.transcript.hearing', mark: 'bg-caller' },
  { field: 't_nlp_ms', key: 'calls.transcript.thinking', mark: 'bg-warn-mark' },
  { field: 't_tts_ms', key: 'calls.transcript.speaking', mark: 'bg-agent' },
] as const;

export function Timings({ turns }: { turns: readonly Turn[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const timed = turns.filter((turn) => turn.t_total_ms != null);
  if (timed.length === 0) return null;
  const longest = Math.max(...timed.map((turn) => turn.t_total_ms ?? 0), 1);
  return (
    <details className="group min-w-0 rounded-card border border-line bg-surface">
      <summary className="flex min-h-13 cursor-pointer list-none items-center gap-2.5 rounded-card px-5 text-cell font-semibold text-muted hover:text-ink [&::-webkit-details-marker]:hidden">
        <h2 className="grow">{t('calls.transcript.timings')}</h2>
        <ChevronDown aria-hidden className="size-4 transition-transform group-open:rotate-180" />
      </summary>
      <div className="px-5 pb-5">
        <p className="flex flex-wrap gap-x-4 gap-y-1 pb-3 text-caption text-muted">
          {PARTS.map((part) => (
            <span key={part.field} className="inline-flex items-center gap-1.5">
              <span aria-hidden className={cx('size-2 rounded-full', part.mark)} />
              {t(part.key)}
            </span>
          ))}
        </p>
        <table className="w-full text-caption" dir="ltr">
          <thead className="sr-only">
            <tr>
              <th>{t('calls.transcript.turn')}</th>
              <th>{t('calls.transcript.timings')}</th>
              <th>{t('calls.transcript.total')}</th>
            </tr>
          </thead>
          <tbody>
            {timed.map((turn) => (
              <tr key={turn.turn_id}>
                <th scope="row" className="tabular w-7 py-1 text-start font-normal text-muted">
                  {turn.turn_id}
                </th>
                <td className="py-1">
                  <Bar turn={turn} longest={longest} />
                </td>
                <td className="tabular w-20 py-1 text-end whitespace-nowrap">
                  <bdi>{format.took(turn.t_total_ms ?? 0)}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Bar({ turn, longest }: { turn: Turn; longest: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const parts = PARTS.map((part) => ({ ...part, ms: turn[part.field] ?? 0 })).filter((part) => part.ms > 0);
  const words = parts.map((part) => `${t(part.key)} ${format.took(part.ms)}`).join(', ');
  return (
    <span className="flex h-2 gap-px overflow-hidden rounded-full bg-sunken" title={words}>
      <span className="sr-only">{words}</span>
      {parts.map((part) => (
        <span
          key={part.field}
          aria-hidden
          className={cx('h-full', part.mark)}
          style={{ width: `${(part.ms / longest) * 100}%` }}
        />
      ))}
    </span>
  );
}
