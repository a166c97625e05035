/** While an admin acts in somebody's name: a frame round the window and a bar that says so and ends it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
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
/** The two clocks may differ a little. */
const LATER_MS = 1_000;
const HOME = '/admin?section=businesses';

/** Everything that was loaded is the other business's, so the page begins anew. */
function home(): void {
  window.location.assign(HOME);
}

function useEnd() {
  const { t } = useTranslation();
  return useMutation({
    mutationFn: () => take(api.DELETE('/api/admin/impersonate')),
    onSuccess: home,
    onError: (error) => sayProblem(t, error),
  });
}

/** It ended by itself: nothing is changed in one's own name before one has seen that. */
export function ImpersonationEnded() {
  const { t } = useTranslation();
  const end = useEnd();
  return (
    <section
      aria-label={t('shell.acting.title')}
      className="sticky top-0 z-30 flex h-11 items-center gap-x-4 overflow-hidden bg-warn-soft ps-5 pe-2 text-cell text-warn-text"
    >
      <p role="status" className="min-w-0 grow truncate">
        <strong>{t('shell.acting.ended')}</strong>
        <span className="ps-3 max-sm:hidden">{t('shell.acting.endedHint')}</span>
      </p>
      <Button size="sm" busy={end.isPending} onClick={() => end.mutate()}>
        {t('shell.acting.know')}
      </Button>
    </section>
  );
}

export function ImpersonationBar({ acting }: { acting: Acting }) {
  const { t } = useTranslation();
  const { business } = useSession();
  const { name } = usePeople();
  const now = useNow(TICK_MS);
  const client = useQueryClient();
  const end = useEnd();
  useEffect(() => {
    const left = new Date(acting.expires_at).getTime() - Date.now();
    const ended = () => void client.invalidateQueries();
    const timer = setTimeout(ended, Math.max(0, left) + LATER_MS);
    return () => clearTimeout(timer);
  }, [acting.expires_at, client]);
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
