/** The bell: how many are new, and the way to them. */
import { useQuery } from '@tanstack/react-query';
import { Bell } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/ui/button';
import { useDialog } from '@/components/ui/use-dialog';
import { usePermission } from '@/session/session';
import { notificationsQuery } from './queries';

const Centre = lazy(() => import('./centre'));
const MOST_COUNTED = 99;

export function NotificationsBell() {
  const { t } = useTranslation();
  const may = usePermission('notifications:own');
  const { data } = useQuery({ ...notificationsQuery, enabled: may });
  const dialog = useDialog('notifications');
  if (!may) return null;
  const unread = data?.unread ?? 0;
  return (
    <>
      <span className="relative inline-flex">
        <IconButton
          icon={Bell}
          label={unread > 0 ? t('notifications.bellNew', { count: unread }) : t('notifications.title')}
          onClick={dialog.show}
        />
        {unread > 0 && (
          <span
            aria-hidden
            className="tabular pointer-events-none absolute end-0.5 top-0.5 grid h-4.5 min-w-4.5 place-items-center rounded-full bg-accent px-1 text-[11px] leading-none font-bold text-on-accent"
          >
            {Math.min(unread, MOST_COUNTED)}
          </span>
        )}
      </span>
      {dialog.open && (
        <Suspense>
          <Centre onClose={dialog.hide} />
        </Suspense>
      )}
    </>
  );
}
