import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Session } from '@/api/types';
import { AuthFrame } from '@/features/auth/frame';
import { LoginForm } from '@/features/auth/login-form';
import { isStep, keptStep } from '@/session/welcome';
import { useCrumbs } from '@/shell/crumbs';
import { Mark } from '@/shell/mark';

const route = getRouteApi('/login');

export function LoginPage() {
  const { t } = useTranslation();
  const { next, ended } = route.useSearch();
  const router = useRouter();
  useCrumbs({ label: t('auth.title') });
  // Only back into this app: an address of another site is ignored.
  const asked = next?.startsWith('/') && !next.startsWith('//') ? next : null;
  const go = ({ business }: Session) => {
    // Who left the wizard half-way goes on there.
    const begun = isStep(keptStep(business.id));
    router.history.push(asked ?? (begun ? '/welcome' : '/crm'));
  };
  return (
    <AuthFrame title="AgentLocator" lead={t('auth.lead')} mark={<Mark className="size-12" />}>
      <LoginForm ended={ended === true} onSignedIn={go} />
    </AuthFrame>
  );
}
