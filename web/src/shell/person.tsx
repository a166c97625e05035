/** The way to one's own menu. What is in it is loaded once the page stands. */
import { cloneElement, lazy, type ReactElement, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Avatar } from '@/components/ui/avatar';
import { useSession } from '@/session/session';

const PersonMenu = lazy(() => import('./person-menu'));

export function Person({ trigger }: { trigger?: ReactElement<{ onClick?: () => void }> }) {
  const { user } = useSession();
  const shown = trigger ?? <PersonButton name={user.name} available={user.available} />;
  // Who clicks before the menu has arrived sees it open as soon as it does.
  const [wanted, setWanted] = useState(false);
  return (
    <Suspense fallback={cloneElement(shown, { onClick: () => setWanted(true) })}>
      <PersonMenu trigger={shown} open={wanted} onOpen={setWanted} />
    </Suspense>
  );
}

interface PersonButtonProps {
  name: string;
  available: boolean;
  onClick?: () => void;
}

function PersonButton({ name, available, ...rest }: PersonButtonProps) {
  const { t } = useTranslation();
  return (
    <button type="button" {...rest} className="relative rounded-full transition-opacity hover:opacity-80">
      <Avatar name={name} />
      <span className="sr-only">{t('shell.person', { name })}</span>
      {available && (
        <span
          aria-hidden
          className="absolute -end-0.5 -bottom-0.5 size-3 rounded-full border-2 border-canvas bg-success-mark"
        />
      )}
    </button>
  );
}
