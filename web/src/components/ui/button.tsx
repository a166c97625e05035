import type { LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';
import { cx } from './cx';
import { Tooltip } from './tooltip';

export type Look = 'primary' | 'quiet' | 'ghost' | 'danger';
export type Size = 'md' | 'sm';

const LOOKS: Record<Look, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  quiet: 'bg-surface text-ink border border-line hover:bg-hover hover:border-edge',
  ghost: 'text-muted hover:bg-hover hover:text-ink',
  danger: 'bg-danger text-on-accent hover:bg-danger-strong',
};

const SIZES: Record<Size, string> = {
  md: 'h-9 px-4 text-cell max-md:h-11',
  sm: 'h-8 px-3 text-caption max-md:h-11',
};

export function buttonClass(look: Look = 'quiet', size: Size = 'md', extra?: string): string {
  return cx(
    'inline-flex shrink-0 items-center justify-center gap-2 rounded-control font-semibold whitespace-nowrap select-none transition-colors disabled:opacity-55 disabled:pointer-events-none',
    LOOKS[look],
    SIZES[size],
    extra,
  );
}

interface ButtonProps extends ComponentProps<'button'> {
  look?: Look;
  size?: Size;
  icon?: LucideIcon;
  busy?: boolean;
}

export function Button({ look, size, icon: Icon, busy, className, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      aria-busy={busy || undefined}
      {...rest}
      disabled={rest.disabled || busy}
      className={buttonClass(look, size, className)}
    >
      {Icon && <Icon aria-hidden className="size-4" strokeWidth={2} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ComponentProps<'button'> {
  label: string;
  icon: LucideIcon;
  look?: Look;
  size?: Size;
  /** For arrows and the like, which point the other way in a right-to-left page. */
  mirrored?: boolean;
}

export function IconButton({
  label,
  icon: Icon,
  look = 'ghost',
  size = 'md',
  mirrored,
  className,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip text={label}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={buttonClass(
          look,
          size,
          cx('px-0! aspect-square', size === 'sm' ? 'w-8' : 'w-9', 'max-md:w-11', className),
        )}
      >
        <Icon aria-hidden className={cx('size-[18px]', mirrored && 'rtl:-scale-x-100')} strokeWidth={1.9} />
      </button>
    </Tooltip>
  );
}
