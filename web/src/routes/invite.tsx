import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useRouter } from '@tanstack/react-router';
import { Link2Off } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { isProblem } from '@/api/problem';
import { buttonClass } from '@/components/ui/button';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { AuthFrame } from '@/features/auth/frame';
import { InviteForm } from '@/features/auth/invite-form';
import { useCrumbs } from '@/shell/crumbs';
import { Mark } from '@/shell/mark';

const route = getRouteApi('/invite/$token');

export function InvitePage() {
  const { t } = useTranslation();
  const { token } = route.useParams();
  const router = useRouter();
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => take(api.GET('/api/auth/invite/{token}', { params: { path: { token } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const business = invitation.data?.business_name;
  const title = business ? t('auth.inviteTitle', { business }) : t('auth.invitePending');
  const gone = isProblem(invitation.error) && [404, 410].includes(invitation.error.status);
  useCrumbs({ label: t('auth.invitePending') });
  return (
    <AuthFrame title={title} lead={t('auth.inviteLead')} mark={<Mark className="size-12" />}>
      {invitation.isPending && <SkeletonRows rows={3} />}
      {gone && (
        <Empty
          small
          icon={Link2Off}
          title={t('auth.inviteGoneTitle')}
          hint={t('auth.inviteGone')}
          action={
            <Link to="/login" className={buttonClass('primary')}>
              {t('auth.toSignIn')}
            </Link>
          }
        />
      )}
      {invitation.isError && !gone && (
        <Trouble small error={invitation.error} onRetry={() => void invitation.refetch()} />
      )}
      {invitation.data && (
        <InviteForm
          token={token}
          invited={invitation.data}
          onJoined={({ user }) => void router.navigate({ to: user.role === 'owner' ? '/welcome' : '/crm' })}
        />
      )}
    </AuthFrame>
  );
}
