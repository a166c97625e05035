/** On a page to which the wizard of a new business led: the way back to it. */
import { Link, useRouterState } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Step } from '@/session/welcome';

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The step of the wizard that led here. */
    welcome?: Step | undefined;
  }
}

export function BackToWelcome() {
  const { t } = useTranslation();
  const step = useRouterState({ select: ({ location }) => location.state.welcome });
  if (!step) return null;
  return (
    <p className="mb-4 flex flex-wrap items-center gap-x-3 rounded-control bg-accent-soft px-4 py-2 text-cell">
      {t('welcome.midway')}
      <Link
        to="/welcome"
        search={{ step }}
        className="target inline-flex items-center gap-1 font-semibold text-accent-text hover:underline"
      >
        <ChevronRight aria-hidden className="size-4 ltr:-scale-x-100" />
        {t('welcome.return')}
      </Link>
    </p>
  );
}
