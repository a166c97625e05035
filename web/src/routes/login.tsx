import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { AuthFrame } from '@/features/auth/frame';
import { LoginForm } from '@/features/auth/login-form';
import { useCrumbs } from '@/shell/crumbs';
import { Mark } from '@/shell/mark';

const route = getRouteApi('/login');

export function LoginPage() {
  const { t } = useTranslation();
  const { next, ended } = route.useSearch();
  const router = useRouter();
  useCrumbs({ label: t('auth.title') });
  // Only back into this app: an address of another site is ignored.
  const target = next?.startsWith('/') && !next.startsWith('//') ? next : '/crm';
  return (
    <AuthFrame title="AgentLocator" lead={t('auth.lead')} mark={<Mark className="size-12" />}>
      <LoginForm ended={ended === true} onSignedIn={() => router.history.push(target)} />
    </AuthFrame>
  );
}
