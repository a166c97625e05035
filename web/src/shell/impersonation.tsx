/** While an admin acts in somebody's name: a frame round the window and a bar that says so and ends it. */
import { useMutation } from '@tanstack/react-query';
import { DoorOpen } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import type { Session } from '@/api/types';
import { Button } from '@/components/ui/button';
import { sayProblem } from '@/components/ui/toast';
import { useNow } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { useSession } from '@/session/session';

type Acting = NonNullable<Session['impersonation']>;

const MINUTE_MS = 60_000;
const TICK_MS = 10_000;
const HOME = '/admin?section=businesses';

/** Everything that was loaded is the other business's, so the page begins anew. */
function home(): void {
  window.location.assign(HOME);
}

export function ImpersonationBar({ acting }: { acting: Acting }) {
  const { t } = useTranslation();
  const { business } = useSession();
  const { name } = usePeople();
  const now = useNow(TICK_MS);
  const end = useMutation({
    mutationFn: () => take(api.DELETE('/api/admin/impersonate')),
    onSuccess: home,
    onError: (error) => sayProblem(t, error),
  });
  useEffect(() => {
    const left = new Date(acting.expires_at).getTime() - Date.now();
    const timer = setTimeout(home, Math.max(0, left));
    return () => clearTimeout(timer);
  }, [acting.expires_at]);
  const minutes = Math.max(0, Math.ceil((new Date(acting.expires_at).getTime() - now.getTime()) / MINUTE_MS));
  const person = name(acting.user_id);
  return (
    <>
      <div
        aria-hidden
        className="pointer-events-none fixed inset-0 z-40 border-4 border-warn-mark"
        data-impersonating
      />
      <section
        aria-label={t('shell.acting.title')}
        className="sticky top-0 z-30 flex h-11 items-center gap-x-4 overflow-hidden bg-warn-soft ps-5 pe-2 text-cell text-warn-text"
      >
        <p className="min-w-0 grow truncate">
          <strong>
            {person
              ? t('shell.acting.asPerson', { person, business: business.name })
              : t('shell.acting.asBusiness', { business: business.name })}
          </strong>
          <span className="ps-3 max-sm:hidden">{t('shell.acting.reason', { reason: acting.reason })}</span>
        </p>
        <span className="tabular shrink-0 whitespace-nowrap">
          {t('shell.acting.left', { count: minutes })}
        </span>
        <Button size="sm" icon={DoorOpen} busy={end.isPending} onClick={() => end.mutate()}>
          {t('shell.acting.end')}
        </Button>
      </section>
    </>
  );
}
