import { Popover as Radix } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';

interface PopoverProps {
  trigger: ReactElement;
  label: string;
  children: ReactNode;
  open: boolean;
  onOpen: (open: boolean) => void;
  /** Where the focus goes when it closes, if not back to the trigger. */
  onClosed?: () => void;
}

/** Something small over the page that is no list of acts. */
export function Popover({ trigger, label, children, open, onOpen, onClosed }: PopoverProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpen}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          sideOffset={6}
          collisionPadding={8}
          onCloseAutoFocus={(event) => {
            if (!onClosed) return;
            event.preventDefault();
            onClosed();
          }}
          className="z-50 animate-rise rounded-card bg-raised p-2 shadow-float"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
