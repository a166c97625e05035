import { type ComponentProps, type ReactNode, useId } from 'react';
import { cx } from './cx';

export const INPUT =
  'w-full rounded-control border border-edge/70 bg-surface px-3 text-body text-ink text-ellipsis placeholder:text-faint transition-colors hover:border-edge focus-visible:border-accent focus-visible:outline-2 focus-visible:outline-offset-0 focus-visible:outline-accent/35 aria-invalid:border-danger-mark';

/**
 * As `INPUT`, around a `BARE_INPUT` and what stands beside it: text of either direction keeps clear of the neighbours.
 */
export const INPUT_BOX =
  'flex w-full items-center rounded-control border border-edge/70 bg-surface transition-colors hover:border-edge has-[input:focus-visible]:border-accent has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-accent/35';
export const BARE_INPUT =
  'h-full min-w-0 grow bg-transparent text-cell text-ink text-ellipsis outline-none placeholder:text-faint';

interface Shared {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  /** The label is read by screen readers only. */
  labelHidden?: boolean;
  /** Stands inside the field at its end. */
  adornment?: ReactNode;
}

function Frame(props: Shared & { id: string; direction?: string | undefined; children: ReactNode }) {
  const { id, label, hint, error, labelHidden, adornment, direction, children } = props;
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className={labelHidden ? 'sr-only' : 'text-cell font-semibold text-ink'}>
        {label}
      </label>
      <div className="relative" dir={direction}>
        {children}
        {adornment && <div className="absolute inset-y-0 end-1 flex items-center">{adornment}</div>}
      </div>
      {(error || hint) && (
        <p id={`${id}-note`} className={cx('text-caption', error ? 'text-danger-text' : 'text-muted')}>
          {error || hint}
        </p>
      )}
    </div>
  );
}

export function Field({
  label,
  hint,
  error,
  labelHidden,
  adornment,
  className,
  ...rest
}: Shared & ComponentProps<'input'>) {
  const id = useId();
  const shared = { label, hint, error, adornment };
  return (
    <Frame {...shared} {...(labelHidden && { labelHidden })} id={id} direction={rest.dir}>
      <input
        {...rest}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? `${id}-note` : undefined}
        className={cx(INPUT, 'h-10 max-md:h-11', adornment ? 'pe-11' : null, className)}
      />
    </Frame>
  );
}

export function TextField({
  label,
  hint,
  error,
  labelHidden,
  className,
  ...rest
}: Shared & ComponentProps<'textarea'>) {
  const id = useId();
  return (
    <Frame {...{ label, hint, error }} {...(labelHidden && { labelHidden })} id={id}>
      <textarea
        rows={3}
        dir={rest.value ? 'auto' : undefined}
        {...rest}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? `${id}-note` : undefined}
        className={cx(INPUT, 'py-2', className)}
      />
    </Frame>
  );
}

/** One of a few, by the device's own list. */
export function SelectField({
  label,
  hint,
  error,
  labelHidden,
  className,
  children,
  ...rest
}: Shared & ComponentProps<'select'>) {
  const id = useId();
  return (
    <Frame {...{ label, hint, error }} {...(labelHidden && { labelHidden })} id={id}>
      <select {...rest} id={id} className={cx(INPUT, 'h-10 max-md:h-11', className)}>
        {children}
      </select>
    </Frame>
  );
}
