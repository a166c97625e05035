/** One number a day as bars. Time runs left to right in both languages; who does not see bars reads a table. */
import { cx } from '@/components/ui/cx';

export interface Bar {
  /** The day in words. */
  label: string;
  value: number;
  /** The value in words; otherwise the number itself. */
  text?: string;
}

interface DayChartProps {
  /** What is counted. */
  label: string;
  bars: readonly Bar[];
  /** Heads the table's first column. */
  days: string;
  tone?: 'accent' | 'info' | 'success' | 'warn';
}

const MARKS = { accent: 'bg-accent', info: 'bg-info-mark', success: 'bg-success-mark', warn: 'bg-warn-mark' };

export function DayChart({ label, bars, days, tone = 'accent' }: DayChartProps) {
  const most = Math.max(...bars.map(({ value }) => value), 0);
  const peak = bars.find(({ value }) => value === most);
  const first = bars[0];
  const last = bars.at(-1);
  return (
    <figure className="min-w-0">
      <div dir="ltr" aria-hidden>
        <p className="tabular flex h-5 items-center text-caption text-muted">
          {most > 0 && <bdi>{peak?.text ?? most}</bdi>}
        </p>
        <div className="flex h-32 items-end gap-px border-y border-b-edge border-t-line sm:gap-0.5">
          {bars.map((bar) => (
            <div
              key={bar.label}
              title={`${bar.label}: ${bar.text ?? bar.value}`}
              className="group flex h-full min-w-0 grow basis-0 items-end"
            >
              <div
                className={cx(
                  'w-full rounded-t-[3px] transition-opacity group-hover:opacity-70',
                  bar.value > 0 ? MARKS[tone] : 'bg-line',
                )}
                style={{ height: bar.value > 0 ? `${Math.max(2, (bar.value / most) * 100)}%` : '1px' }}
              />
            </div>
          ))}
        </div>
        <p className="tabular flex justify-between pt-1 text-caption text-muted">
          <bdi>{first?.label}</bdi>
          {bars.length > 1 && <bdi>{last?.label}</bdi>}
        </p>
      </div>
      <table className="sr-only">
        <caption>{label}</caption>
        <thead>
          <tr>
            <th scope="col">{days}</th>
            <th scope="col">{label}</th>
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => (
            <tr key={bar.label}>
              <th scope="row">{bar.label}</th>
              <td>{bar.text ?? bar.value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
