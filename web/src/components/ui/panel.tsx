import type { ReactNode } from 'react';
import { cx } from './cx';

interface PanelProps {
  title?: string;
  /** Beside the title: a count or a hint. */
  aside?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A card with a heading. */
export function Panel({ title, aside, action, children, className }: PanelProps) {
  return (
    <section className={cx('min-w-0 rounded-card border border-line bg-surface', className)}>
      {title && (
        <header className="flex min-h-13 items-center gap-2.5 ps-5 pe-3 pt-1">
          <h2 className="text-body font-bold">{title}</h2>
          {aside}
          <span className="grow" />
          {action}
        </header>
      )}
      {children}
    </section>
  );
}
