import { useId } from 'react';
import { cx } from './cx';

interface ChoicesProps<T extends string> {
  legend: string;
  value: T;
  options: readonly { value: T; label: string; hint?: string }[];
  onChoose: (value: T) => void;
  /** Side by side where there is room. */
  columns?: boolean;
  /** Short words: two or three abreast on a phone, too. */
  tight?: boolean;
  disabled?: boolean;
}

/** A few possibilities, all in sight. */
export function Choices<T extends string>(props: ChoicesProps<T>) {
  const { legend, value, options, onChoose, columns, tight, disabled } = props;
  const name = useId();
  return (
    <fieldset disabled={disabled} className="flex min-w-0 flex-col gap-2">
      <legend className="mb-2 text-cell font-semibold">{legend}</legend>
      <div
        className={cx(
          'grid gap-2',
          columns && 'sm:grid-cols-[repeat(auto-fit,minmax(10rem,1fr))]',
          tight && 'grid-cols-2',
        )}
      >
        {options.map((option) => (
          <label
            key={option.value}
            className="flex min-h-11 cursor-pointer items-start gap-3 rounded-control border border-line px-3.5 py-2.5 transition-colors hover:bg-hover has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChoose(option.value)}
              className="mt-1 size-4 shrink-0 accent-accent outline-none"
            />
            <span className="min-w-0">
              <span className="block text-cell font-semibold">{option.label}</span>
              {option.hint && <span className="block text-caption text-muted">{option.hint}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
