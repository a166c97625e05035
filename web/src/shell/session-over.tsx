/** The session is over: said calmly at the top, with a way to sign in and come back to this very page. */
import { useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from '@tanstack/react-router';
import { LogIn } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { api, signedInAgain, take } from '@/api/client';
import { resumeSession } from '@/api/over';
import { useSession } from '@/session/session';

/** Who has signed in again in another window goes on here, too. */
function useReturn(): void {
  const client = useQueryClient();
  const { user, business } = useSession();
  useEffect(() => {
    const look = async () => {
      if (!(await signedInAgain())) return;
      const now = await take(api.GET('/api/auth/me'));
      if (now.user.id !== user.id || now.business.id !== business.id) {
        window.location.reload();
        return;
      }
      resumeSession();
      await client.invalidateQueries();
    };
    const looking = () => void look().catch(() => {});
    window.addEventListener('focus', looking);
    return () => window.removeEventListener('focus', looking);
  }, [client, user.id, business.id]);
}

export function SessionOver() {
  const { t } = useTranslation();
  const here = useLocation({ select: (location) => location.href });
  useReturn();
  return (
    <div
      role="status"
      className="sticky top-0 z-30 flex h-11 items-center gap-x-3 overflow-hidden bg-info-soft ps-5 pe-2 text-cell text-info-text"
    >
      <p className="min-w-0 truncate">
        <strong>{t('shell.over.title')}</strong>
        <span className="ps-3 max-sm:hidden">{t('shell.over.hint')}</span>
      </p>
      <Link
        to="/login"
        search={{ next: here, ended: true }}
        className="target ms-auto inline-flex shrink-0 items-center gap-2 rounded-control px-3 font-semibold whitespace-nowrap underline-offset-4 hover:underline"
      >
        <LogIn aria-hidden className="size-4 rtl:-scale-x-100" />
        {t('shell.over.signIn')}
      </Link>
    </div>
  );
}
