import { UserRound } from 'lucide-react';
import { cx } from './cx';

/** Initials in a quiet disc; a person's silhouette when there is no name. */
export function Avatar({ name, large }: { name: string | null | undefined; large?: boolean }) {
  const initials = (name ?? '')
    .split(/\s+/)
    .map((word) => word.match(/\p{L}/u)?.[0] ?? '')
    .filter(Boolean)
    .slice(0, 2)
    .join('');
  return (
    <span
      aria-hidden
      className={cx(
        'grid shrink-0 place-items-center rounded-full bg-sunken font-semibold text-muted',
        large ? 'size-14 text-title' : 'size-8 text-caption',
      )}
    >
      {initials || <UserRound className={large ? 'size-7' : 'size-4'} strokeWidth={1.8} />}
    </span>
  );
}
