import { Link } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/session/session';
import { useShownCrumbs } from './crumbs';
import { LivePill } from './live-pill';
import { Mark } from './mark';
import { Person } from './person';

interface TopBarProps {
  narrow: boolean;
  search: ReactNode;
  bell: ReactNode;
}

export function TopBar({ narrow, search, bell }: TopBarProps) {
  return (
    <header className="sticky top-[var(--above,0px)] z-20 flex h-14 shrink-0 items-center gap-3 border-b border-line bg-canvas/85 px-4 backdrop-blur-md max-md:[body:has([data-whole-window])_&]:hidden md:h-16 md:px-8">
      {narrow && <Mark className="size-7 shrink-0" />}
      <Crumbs narrow={narrow} />
      <span className="grow" />
      {!narrow && <LivePill />}
      <div className="flex items-center gap-1 max-md:-me-2.5 md:gap-2">
        {search}
        {bell}
      </div>
      {!narrow && <Person />}
    </header>
  );
}

function Crumbs({ narrow }: { narrow: boolean }) {
  const { t } = useTranslation();
  const { business } = useSession();
  const crumbs = useShownCrumbs();
  // The page's own heading stands right below.
  if (narrow && crumbs.length < 2) {
    return (
      <bdi dir="auto" className="truncate text-cell font-semibold">
        {business.name}
      </bdi>
    );
  }
  return (
    <nav aria-label={t('shell.crumbs')} className="min-w-0">
      <ol className="flex min-w-0 items-center gap-1.5 text-cell">
        {crumbs.map((crumb, at) => (
          <Fragment key={`${crumb.to ?? ''}${crumb.label}`}>
            {at > 0 && (
              <li aria-hidden className="text-faint">
                <ChevronLeft className="size-4 ltr:-scale-x-100" />
              </li>
            )}
            <li className="min-w-0 truncate">
              {crumb.to ? (
                <Link
                  to={crumb.to}
                  activeOptions={{ exact: true }}
                  className="rounded-mark text-muted hover:text-ink hover:underline"
                >
                  {crumb.label}
                </Link>
              ) : (
                <span aria-current="page" className="font-semibold">
                  {crumb.label}
                </span>
              )}
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  );
}
