import { useTranslation } from 'react-i18next';
import { ForgotForm } from '@/features/auth/forgot-form';
import { AuthFrame } from '@/features/auth/frame';
import { useCrumbs } from '@/shell/crumbs';
import { Mark } from '@/shell/mark';

export function ForgotPage() {
  const { t } = useTranslation();
  useCrumbs({ label: t('auth.forgotTitle') });
  return (
    <AuthFrame title={t('auth.forgotTitle')} lead={t('auth.forgotLead')} mark={<Mark className="size-12" />}>
      <ForgotForm />
    </AuthFrame>
  );
}
