/** The parts of a page that has many: beside them on a desktop, by themselves on a phone. */
import { Link } from '@tanstack/react-router';
import { ChevronLeft, type LucideIcon } from 'lucide-react';
import { cx } from '@/components/ui/cx';

interface SectionEntry {
  name: string;
  label: string;
  /** What is in it, said on a phone. */
  hint: string;
  icon: LucideIcon;
  to: '/business' | '/admin';
}

interface SectionListProps {
  label: string;
  entries: readonly SectionEntry[];
  shown: string | undefined;
  narrow: boolean;
}

export function SectionList({ label, entries, shown, narrow }: SectionListProps) {
  return (
    <nav
      aria-label={label}
      className={
        narrow
          ? 'overflow-hidden rounded-card border border-line bg-surface'
          : 'sticky top-[calc(5rem+var(--above,0px))] flex flex-col gap-0.5'
      }
    >
      {entries.map(({ name, icon: Icon, label: title, hint, to }) => (
        <Link
          key={name}
          to={to}
          search={{ section: name } as never}
          resetScroll
          aria-current={name === shown ? 'page' : undefined}
          className={cx(
            'flex items-center gap-3 text-cell font-semibold transition-colors hover:bg-hover',
            narrow
              ? 'min-h-16 border-b border-line px-4 py-3 last:border-b-0'
              : 'min-h-9 rounded-control px-3 py-1.5 text-muted hover:text-ink',
            !narrow && name === shown && 'bg-hover text-ink [&>svg]:text-accent-text',
          )}
        >
          <Icon aria-hidden className="size-[18px] shrink-0" strokeWidth={1.9} />
          <span className="min-w-0 grow">
            {title}
            {narrow && <span className="block text-caption font-normal text-muted">{hint}</span>}
          </span>
          {narrow && <ChevronLeft aria-hidden className="size-4 text-faint ltr:-scale-x-100" />}
        </Link>
      ))}
    </nav>
  );
}
