import { useTranslation } from 'react-i18next';
import { PageHead } from '@/components/ui/page';
import { Panel } from '@/components/ui/panel';
import { Preferences } from '@/features/notifications/preferences';
import { ThisDevice } from '@/features/notifications/this-device';
import { AlarmSound } from '@/features/tasks/alarm/sound-choice';
import { usePermission } from '@/session/session';
import { useCrumbs } from '@/shell/crumbs';

export function NotificationsPage() {
  const { t } = useTranslation();
  const own = usePermission('account:own');
  useCrumbs({ label: t('notifications.preferences') });
  return (
    <div className="flex w-full max-w-4xl flex-col">
      <PageHead title={t('notifications.preferences')} lead={t('notifications.preferencesLead')} />
      <div className="flex flex-col gap-4">
        {own && (
          <Panel title={t('notifications.push.title')}>
            <ThisDevice />
          </Panel>
        )}
        <Panel title={t('tasks.sound.title')}>
          <AlarmSound />
        </Panel>
        <Panel title={t('notifications.byKind')}>
          <p className="px-5 pb-3 text-caption text-muted">{t('notifications.waysHint')}</p>
          <Preferences />
        </Panel>
      </div>
    </div>
  );
}
