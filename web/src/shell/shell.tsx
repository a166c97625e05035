/** The frame around every signed-in page: navigation at the start side, the bar, and on phones a bar at the bottom. */
import { Outlet } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSessionOver } from '@/api/over';
import { useNarrow } from '@/components/use-narrow';
import { useRealtime } from '@/realtime/use-realtime';
import { useSession } from '@/session/session';
import { BottomBar } from './bottom-bar';
import { ImpersonationBar, ImpersonationEnded } from './impersonation';
import { LiveStrip } from './live-pill';
import { SessionOver } from './session-over';
import { Sidebar } from './sidebar';
import { TopBar } from './top-bar';

interface ShellProps {
  /** In the bar: the way to search, and to what one was told of. */
  search: ReactNode;
  bell: ReactNode;
  /** What can open over any page. */
  children: ReactNode;
}

export function Shell({ search, bell, children }: ShellProps) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const session = useSession();
  const connected = useRealtime();
  const over = useSessionOver();
  const acting = session.impersonation;
  const told = over || acting || session.impersonation_ended;
  return (
    <div className={told ? 'min-h-dvh [--above:2.75rem]' : 'min-h-dvh'}>
      <a
        href="#content"
        className="sr-only z-50 rounded-control bg-accent px-4 py-2 font-bold text-on-accent focus:not-sr-only focus:fixed focus:start-4 focus:top-3"
      >
        {t('shell.skip')}
      </a>
      {over && <SessionOver />}
      {!over && acting && <ImpersonationBar acting={acting} />}
      {!over && session.impersonation_ended && <ImpersonationEnded />}
      <div className="flex min-h-[calc(100dvh-var(--above,0px))]">
        {!narrow && <Sidebar />}
        <div className="flex min-w-0 grow flex-col">
          {!connected && !over && (
            <p role="status" className="bg-warn-soft px-6 py-1.5 text-caption font-semibold text-warn-text">
              {t('shell.offline')}
            </p>
          )}
          <TopBar narrow={narrow} search={search} bell={bell} />
          <main
            id="content"
            tabIndex={-1}
            className="mx-auto flex w-full max-w-[1320px] min-w-0 grow flex-col px-4 pt-4 pb-8 outline-none max-md:pb-44 md:px-8 md:pt-6"
          >
            <Outlet />
          </main>
        </div>
      </div>
      {narrow && (
        <div className="fixed inset-x-0 bottom-0 z-30 [body:has([data-whole-window])_&]:hidden">
          <LiveStrip />
          <BottomBar />
        </div>
      )}
      {children}
    </div>
  );
}
