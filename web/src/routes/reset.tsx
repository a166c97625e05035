import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { AuthFrame } from '@/features/auth/frame';
import { ResetForm } from '@/features/auth/reset-form';
import { useCrumbs } from '@/shell/crumbs';
import { Mark } from '@/shell/mark';

const route = getRouteApi('/reset');

export function ResetPage() {
  const { t } = useTranslation();
  const { token } = route.useSearch();
  useCrumbs({ label: t('auth.resetTitle') });
  return (
    <AuthFrame title={t('auth.resetTitle')} lead={t('auth.resetLead')} mark={<Mark className="size-12" />}>
      <ResetForm token={token} />
    </AuthFrame>
  );
}
