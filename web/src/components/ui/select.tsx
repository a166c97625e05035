import { ChevronDown } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { cx } from './cx';
import { INPUT } from './field';

export interface Option<T extends string> {
  value: T;
  label: string;
}

interface SelectProps<T extends string> {
  label: string;
  labelHidden?: boolean;
  value: T;
  options: readonly Option<T>[];
  onChoose: (value: T) => void;
  hint?: ReactNode;
  error?: string | undefined;
  disabled?: boolean;
  small?: boolean;
}

/** One of a list, by the device's own means. */
export function Select<T extends string>(props: SelectProps<T>) {
  const { label, labelHidden, value, options, onChoose, hint, error, disabled, small } = props;
  const id = useId();
  const note = error || hint;
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className={labelHidden ? 'sr-only' : 'text-cell font-semibold text-ink'}>
        {label}
      </label>
      <span className="relative">
        <select
          id={id}
          value={value}
          disabled={disabled}
          aria-invalid={error ? true : undefined}
          aria-describedby={note ? `${id}-note` : undefined}
          onChange={(event) => onChoose(event.target.value as T)}
          className={cx(
            INPUT,
            'cursor-pointer appearance-none pe-9 disabled:cursor-not-allowed disabled:opacity-60 max-md:h-11',
            small ? 'h-9 text-cell' : 'h-10',
          )}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} className="bg-raised text-ink">
              {option.label}
            </option>
          ))}
        </select>
        <ChevronDown
          aria-hidden
          className="pointer-events-none absolute inset-y-0 end-3 my-auto size-4 text-muted"
        />
      </span>
      {note && (
        <p id={`${id}-note`} className={cx('text-caption', error ? 'text-danger-text' : 'text-muted')}>
          {note}
        </p>
      )}
    </div>
  );
}
