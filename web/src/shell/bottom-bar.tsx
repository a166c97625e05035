import { Link } from '@tanstack/react-router';
import { Ellipsis } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Count } from '@/components/ui/badge';
import { usePlaces } from './navigation';
import { Person } from './person';

const TAB =
  'relative flex h-14 grow basis-0 flex-col items-center justify-center gap-0.5 text-[12px] font-semibold text-muted data-[status=active]:text-accent-text';

export function BottomBar() {
  const { t } = useTranslation();
  const places = usePlaces().filter((place) => !place.more);
  return (
    <nav aria-label={t('shell.navigation')} className="flex border-t border-line bg-surface pb-safe">
      {places.map((place) => (
        <Link
          key={place.to}
          to={place.to}
          activeOptions={{ exact: place.to === '/crm', includeSearch: false }}
          className={TAB}
        >
          <place.icon aria-hidden className="size-5" strokeWidth={1.9} />
          {t(place.label)}
          {place.count && place.counts ? (
            <span className="absolute start-1/2 top-1 ms-2">
              <Count label={t(place.counts, { count: place.count })}>{place.count}</Count>
            </span>
          ) : null}
        </Link>
      ))}
      <Person
        trigger={
          <button type="button" className={TAB}>
            <Ellipsis aria-hidden className="size-5" />
            {t('shell.more')}
          </button>
        }
      />
    </nav>
  );
}
