import { type ReactNode, useId } from 'react';
import { cx } from './cx';

interface SwitchProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: ReactNode;
  hint?: ReactNode;
  disabled?: boolean;
}

/** On or off, at once; the words are part of what is pressed. */
export function Switch({ checked, onChange, label, hint, disabled }: SwitchProps) {
  const id = useId();
  return (
    <div className={cx('flex min-h-11 items-start gap-4 py-1.5', disabled && 'opacity-60')}>
      <label htmlFor={id} className={cx('grow', !disabled && 'cursor-pointer')}>
        <span className="block text-cell font-semibold">{label}</span>
        {hint && (
          <span id={`${id}-hint`} className="block max-w-[65ch] text-caption text-muted">
            {hint}
          </span>
        )}
      </label>
      <button
        type="button"
        role="switch"
        id={id}
        aria-checked={checked}
        aria-describedby={hint ? `${id}-hint` : undefined}
        disabled={disabled}
        onClick={() => onChange(!checked)}
        className="target grid shrink-0 place-items-center rounded-full"
      >
        <span
          className={cx(
            'relative block h-6 w-11 rounded-full border transition-colors',
            checked ? 'border-accent bg-accent' : 'border-edge bg-sunken',
          )}
        >
          <span
            className={cx(
              'absolute inset-y-0 my-auto size-4.5 rounded-full transition-all',
              checked ? 'end-0.5 bg-on-accent' : 'start-0.5 bg-muted',
            )}
          />
        </span>
      </button>
    </div>
  );
}
