/** The parts that all sections are made of. */
import type { ReactNode } from 'react';

interface CardProps {
  title: string;
  lead?: string;
  action?: ReactNode;
  children: ReactNode;
}

export function Card({ title, lead, action, children }: CardProps) {
  return (
    <section className="min-w-0 rounded-card border border-line bg-surface">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 pt-4 pb-1">
        <div className="min-w-0 grow basis-60">
          <h2 className="text-lead font-bold">{title}</h2>
          {lead && <p className="max-w-[70ch] text-cell text-muted">{lead}</p>}
        </div>
        {action}
      </header>
      <div className="flex flex-col gap-5 px-5 pt-3 pb-5">{children}</div>
    </section>
  );
}
