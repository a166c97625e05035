import type { ReactNode } from 'react';

interface CardProps {
  title: string;
  lead?: string;
  action?: ReactNode;
  /** The content reaches the edges. */
  flush?: boolean;
  children: ReactNode;
}

/** A part of the settings: what it is about, and what is set there. */
export function Card({ title, lead, action, flush, children }: CardProps) {
  return (
    <section className="min-w-0 rounded-card border border-line bg-surface">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 pt-4 pb-3">
        <div className="min-w-0 grow basis-60">
          <h2 className="text-lead font-bold">{title}</h2>
          {lead && <p className="max-w-[70ch] text-cell text-muted">{lead}</p>}
        </div>
        {action}
      </header>
      {flush ? children : <div className="flex flex-col gap-5 px-5 pt-1 pb-5">{children}</div>}
    </section>
  );
}
