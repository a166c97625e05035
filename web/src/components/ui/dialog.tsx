import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type ReactNode, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from './button';
import { cx } from './cx';

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  lead?: string;
  children?: ReactNode;
  /** Buttons, the primary one first. */
  actions?: ReactNode;
  /** At the end side of a wide window, from top to bottom. */
  side?: boolean;
}

/** One begins with the first field; where there is none, nowhere, so that no button is pressed unread. */
function focusFirst(event: Event): void {
  event.preventDefault();
  const content = event.target as HTMLElement;
  (content.querySelector<HTMLElement>('input, textarea, select') ?? content).focus();
}

/** What had the focus before the dialog; of a menu, which goes away, what it was opened by. */
function opener(): HTMLElement | null {
  const here = document.activeElement;
  const menu = here?.closest('[role=menu]')?.getAttribute('aria-labelledby');
  const found = menu ? document.getElementById(menu) : here;
  return found instanceof HTMLElement ? found : null;
}

const PLACE =
  'fixed z-40 flex animate-rise flex-col bg-raised shadow-float outline-none max-md:inset-x-0 max-md:bottom-0 max-md:max-h-[88dvh] max-md:rounded-t-card max-md:pb-safe';
const MIDDLE =
  'md:inset-0 md:m-auto md:h-fit md:max-h-[85dvh] md:w-[min(32rem,calc(100vw-3rem))] md:rounded-card';
const SIDE = 'md:inset-y-0 md:end-0 md:w-[28rem] md:rounded-s-card';

/** In the middle or at the side on a desktop, a sheet from below on a phone. */
export function Dialog({ open, onClose, title, lead, children, actions, side }: DialogProps) {
  const { t } = useTranslation();
  const before = useRef<HTMLElement>(null);
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-veil" />
        <Radix.Content
          onOpenAutoFocus={(event) => {
            before.current = opener();
            focusFirst(event);
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (before.current?.isConnected) before.current.focus({ preventScroll: true });
          }}
          {...(lead ? {} : { 'aria-describedby': undefined })}
          className={cx(PLACE, side ? SIDE : MIDDLE)}
        >
          <header className="flex items-start gap-3 px-5 pt-4 pb-2">
            <div className="grow pt-1">
              <Radix.Title className="text-lead font-bold">{title}</Radix.Title>
              {lead && <Radix.Description className="mt-1 text-cell text-muted">{lead}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <IconButton label={t('common.close')} icon={X} />
            </Radix.Close>
          </header>
          {children && <div className="min-h-0 grow overflow-y-auto px-5 py-2">{children}</div>}
          {actions && (
            <footer className="flex flex-row-reverse flex-wrap gap-2 px-5 pt-3 pb-5 max-md:*:grow">
              {actions}
            </footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
