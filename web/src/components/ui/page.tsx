import type { ReactNode } from 'react';

interface PageHeadProps {
  title: ReactNode;
  lead?: ReactNode;
  /** A few quiet acts. */
  actions?: ReactNode;
  /** The page's one main act: beside the heading, and on a phone across the window above the bottom bar. */
  primary?: ReactNode;
}

const PRIMARY =
  'max-md:fixed max-md:inset-x-0 max-md:bottom-[calc(3.5rem+env(safe-area-inset-bottom))] max-md:z-20 max-md:grid max-md:bg-linear-to-t max-md:from-canvas max-md:from-60% max-md:to-transparent max-md:px-4 max-md:pt-5 max-md:pb-3 max-md:[body:has(#live-strip)_&]:bottom-[calc(6.25rem+env(safe-area-inset-bottom))]';

export function PageHead({ title, lead, actions, primary }: PageHeadProps) {
  return (
    <div className="mb-5 flex flex-wrap items-center gap-x-4 gap-y-3">
      <div className="min-w-0 grow">
        <h1 className="text-heading">{title}</h1>
        {lead && <p className="mt-0.5 text-muted">{lead}</p>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      {primary && (
        <div data-primary className={PRIMARY}>
          {primary}
        </div>
      )}
    </div>
  );
}
