import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useRouter } from '@tanstack/react-router';
import { Link2Off } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { isProblem } from '@/api/problem';
import { buttonClass } from '@/components/ui/button';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { AuthFrame } from '@/features/auth/frame';
import { SetupForm } from '@/features/auth/setup-form';
import { useCrumbs } from '@/shell/crumbs';
import { Mark } from '@/shell/mark';

const route = getRouteApi('/setup');

export function SetupPage() {
  const { t } = useTranslation();
  const { token } = route.useSearch();
  const router = useRouter();
  useCrumbs({ label: t('auth.setupTitle') });
  const address = useQuery({
    queryKey: ['setup', token],
    queryFn: () => take(api.GET('/api/setup', { params: { query: { token } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <AuthFrame title={t('auth.setupTitle')} lead={t('auth.setupLead')} mark={<Mark className="size-12" />}>
      {address.isPending && <SkeletonRows rows={3} />}
      {address.isError &&
        (isProblem(address.error) && address.error.status < 500 && address.error.status > 0 ? (
          <Empty
            small
            icon={Link2Off}
            title={t('auth.setupGoneTitle')}
            hint={t('auth.setupGoneHint')}
            action={
              <Link to="/login" className={buttonClass('primary')}>
                {t('auth.toSignIn')}
              </Link>
            }
          />
        ) : (
          <Trouble small error={address.error} onRetry={() => void address.refetch()} />
        ))}
      {address.isSuccess && (
        <SetupForm token={token} onDone={() => void router.navigate({ to: '/welcome' })} />
      )}
    </AuthFrame>
  );
}
