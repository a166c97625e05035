import { Link } from '@tanstack/react-router';
import { Headset, Landmark, PanelRightClose, PanelRightOpen, Settings } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useStored } from '@/components/stored';
import { Count } from '@/components/ui/badge';
import { IconButton } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Tooltip } from '@/components/ui/tooltip';
import { usePermission, useSession } from '@/session/session';
import { Mark } from './mark';
import { type Place, usePlaces } from './navigation';

export function Sidebar() {
  const { t } = useTranslation();
  const session = useSession();
  const places = usePlaces();
  const mayCall = usePermission('calls:work');
  const maySet = usePermission('settings:write');
  const mayRun = usePermission('admin:read');
  const [width, setWidth] = useStored<'wide' | 'folded'>('navigation', 'wide');
  const folded = width === 'folded';
  return (
    <nav
      aria-label={t('shell.navigation')}
      className={cx(
        'sticky top-[var(--above,0px)] flex h-[calc(100dvh-var(--above,0px))] shrink-0 flex-col border-e border-line bg-surface transition-[width]',
        folded ? 'w-16' : 'w-60',
      )}
    >
      <div className={cx('flex h-16 items-center gap-3', folded ? 'justify-center' : 'px-5')}>
        <Mark className="size-8 shrink-0" />
        {!folded && <span className="truncate text-body font-bold">{session.business.name}</span>}
      </div>
      <div className="flex grow flex-col gap-0.5 px-3 pt-1">
        {places.map((place) => (
          <PlaceLink key={place.to} place={place} folded={folded} />
        ))}
      </div>
      <div className={cx('flex flex-col gap-0.5 p-3', folded && 'items-center')}>
        {mayCall && (
          <NavLink to="/test-call" label={t('shell.testCall')} folded={folded}>
            <Headset aria-hidden className="size-[18px] shrink-0" strokeWidth={1.9} />
          </NavLink>
        )}
        {maySet && (
          <NavLink to="/business" label={t('shell.settings')} folded={folded}>
            <Settings aria-hidden className="size-[18px] shrink-0" strokeWidth={1.9} />
          </NavLink>
        )}
        {mayRun && (
          <NavLink to="/admin" label={t('shell.admin')} folded={folded}>
            <Landmark aria-hidden className="size-[18px] shrink-0" strokeWidth={1.9} />
          </NavLink>
        )}
        <IconButton
          label={folded ? t('shell.unfold') : t('shell.fold')}
          icon={folded ? PanelRightOpen : PanelRightClose}
          className="ltr:-scale-x-100"
          aria-expanded={!folded}
          onClick={() => setWidth(folded ? 'wide' : 'folded')}
        />
      </div>
    </nav>
  );
}

function PlaceLink({ place, folded }: { place: Place; folded: boolean }) {
  const { t } = useTranslation();
  return (
    <NavLink
      to={place.to}
      label={t(place.label)}
      folded={folded}
      end={
        place.count && place.counts ? (
          <Count label={t(place.counts, { count: place.count })}>{place.count}</Count>
        ) : null
      }
    >
      <place.icon aria-hidden className="size-[18px] shrink-0" strokeWidth={1.9} />
    </NavLink>
  );
}

interface NavLinkProps {
  to: Place['to'] | '/test-call' | '/business' | '/admin';
  label: string;
  folded: boolean;
  children: React.ReactNode;
  end?: React.ReactNode;
}

function NavLink({ to, label, folded, children, end }: NavLinkProps) {
  const link = (
    <Link
      to={to}
      activeOptions={{ exact: to === '/crm' || to === '/test-call', includeSearch: false }}
      className={cx(
        'relative flex h-9 items-center gap-3 rounded-control text-cell font-semibold text-muted transition-colors hover:bg-hover hover:text-ink data-[status=active]:bg-hover data-[status=active]:text-ink [&[data-status=active]>svg]:text-accent-text',
        folded ? 'w-10 justify-center' : 'px-3',
      )}
    >
      {children}
      <span className={folded ? 'sr-only' : 'grow truncate'}>{label}</span>
      {end && <span className={folded ? 'absolute -end-1 -top-1' : ''}>{end}</span>}
    </Link>
  );
  return folded ? <Tooltip text={label}>{link}</Tooltip> : link;
}
