import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { PageHead } from '@/components/ui/page';
import { SkeletonRows, Trouble } from '@/components/ui/states';
import { Wizard } from '@/features/business/wizard';
import { useSession } from '@/session/session';
import { useSettings } from '@/session/settings';
import { isStep, keptStep } from '@/session/welcome';
import { useCrumbs } from '@/shell/crumbs';

const route = getRouteApi('/inside/welcome');

export function WelcomePage() {
  const { t } = useTranslation();
  const { step } = route.useSearch();
  const { business } = useSession();
  const settings = useSettings();
  const kept = keptStep(business.id);
  useCrumbs({ label: t('welcome.title') });
  return (
    <>
      <div className="mx-auto w-full max-w-2xl">
        <PageHead title={t('welcome.heading')} />
      </div>
      {settings.isPending && <SkeletonRows rows={4} />}
      {settings.isError && <Trouble error={settings.error} onRetry={() => void settings.refetch()} />}
      {settings.data && (
        <Wizard settings={settings.data.body} step={step ?? (isStep(kept) ? kept : 'business')} />
      )}
    </>
  );
}
