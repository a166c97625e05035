import { Check, type LucideIcon } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import { cx } from './cx';

interface MenuProps {
  trigger: ReactElement;
  children: ReactNode;
  align?: 'start' | 'center' | 'end';
  wide?: boolean;
  /** With `onOpen`, whether it is open is kept outside. */
  open?: boolean;
  onOpen?: (open: boolean) => void;
}

export function Menu({ trigger, children, align = 'start', wide, open, onOpen }: MenuProps) {
  return (
    <Radix.Root {...(open !== undefined && onOpen && { open, onOpenChange: onOpen })}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className={cx(
            'z-50 max-h-[70dvh] animate-rise overflow-y-auto rounded-card bg-raised p-1.5 shadow-float',
            wide ? 'min-w-72' : 'min-w-48',
          )}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const ITEM =
  'flex min-h-9 max-md:min-h-11 cursor-pointer items-center gap-2.5 rounded-control px-2.5 py-1.5 text-cell outline-none select-none data-highlighted:bg-hover data-disabled:opacity-50';

interface ItemProps {
  icon?: LucideIcon;
  children: ReactNode;
  hint?: ReactNode;
  danger?: boolean;
  disabled?: boolean;
  onSelect: () => void;
}

export function MenuItem({ icon: Icon, children, hint, danger, disabled, onSelect }: ItemProps) {
  return (
    <Radix.Item
      disabled={disabled ?? false}
      onSelect={onSelect}
      className={cx(ITEM, danger ? 'text-danger-text' : 'text-ink')}
    >
      {Icon && <Icon aria-hidden className="size-4 shrink-0 text-muted" strokeWidth={1.9} />}
      <span className="grow first-letter:uppercase">
        {children}
        {hint && <span className="block text-caption text-muted">{hint}</span>}
      </span>
    </Radix.Item>
  );
}

interface ChoiceProps<T extends string> {
  value: T;
  options: readonly { value: T; label: ReactNode }[];
  onChoose: (value: T) => void;
}

/** One of several, with the present one ticked. */
export function MenuChoice<T extends string>({ value, options, onChoose }: ChoiceProps<T>) {
  return (
    <Radix.RadioGroup value={value} onValueChange={(chosen) => onChoose(chosen as T)}>
      {options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} className={ITEM}>
          <span className="grow first-letter:uppercase">{option.label}</span>
          <Radix.ItemIndicator>
            <Check aria-hidden className="size-4 text-accent-text" />
          </Radix.ItemIndicator>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

interface ToggleProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}

/** On or off; the menu stays open, so that several can be set. */
export function MenuToggle({ checked, onChange, children }: ToggleProps) {
  return (
    <Radix.CheckboxItem
      checked={checked}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
      className={ITEM}
    >
      <span className="grow">{children}</span>
      <span
        aria-hidden
        className={cx(
          'relative h-5 w-9 shrink-0 rounded-full border transition-colors',
          checked ? 'border-accent bg-accent' : 'border-edge bg-sunken',
        )}
      >
        <span
          className={cx(
            'absolute top-0.5 size-3.5 rounded-full transition-all',
            checked ? 'end-0.5 bg-on-accent' : 'start-0.5 bg-muted',
          )}
        />
      </span>
    </Radix.CheckboxItem>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return (
    <Radix.Label className="px-2.5 pt-2 pb-1 text-caption font-semibold text-muted">{children}</Radix.Label>
  );
}

export function MenuLine() {
  return <Radix.Separator className="mx-1 my-1.5 h-px bg-line" />;
}
