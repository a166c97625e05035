/** A customer's status, as a badge and as a menu. */
import { ChevronDown, CircleCheck, CircleDashed, CircleDot, CircleSlash, Star } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Badge, type Tone } from '@/components/ui/badge';
import { Menu, MenuChoice } from '@/components/ui/menu';
import { isBuiltIn, useStatuses } from './own';

const LOOKS = {
  new: { tone: 'info', icon: CircleDashed },
  contacted: { tone: 'neutral', icon: CircleDot },
  qualified: { tone: 'accent', icon: Star },
  customer: { tone: 'success', icon: CircleCheck },
  inactive: { tone: 'neutral', icon: CircleSlash },
} as const satisfies Record<string, { tone: Tone; icon: typeof Star }>;

/** With its name, where many stand under each other and one has asked for the names. */
export function NamedStatus({ status, name }: { status: string; name: string }) {
  const look = isBuiltIn(status) ? LOOKS[status] : { tone: 'neutral' as const, icon: CircleDot };
  return (
    <Badge tone={look.tone} icon={look.icon}>
      {name}
    </Badge>
  );
}

export function StatusBadge({ status }: { status: string }) {
  const { name } = useStatuses();
  return <NamedStatus status={status} name={name(status)} />;
}

export function StatusMenu({ status, onChoose }: { status: string; onChoose: (status: string) => void }) {
  const { t } = useTranslation();
  const { keys, name } = useStatuses();
  // One that is not offered any more stays with those who have it.
  const offered = keys.includes(status) ? keys : [...keys, status];
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={`${t('customers.statusColumn')}: ${name(status)}`}
          className="target inline-flex items-center gap-1 rounded-full transition-opacity hover:opacity-80"
        >
          <NamedStatus status={status} name={name(status)} />
          <ChevronDown aria-hidden className="size-3.5 text-faint" />
        </button>
      }
    >
      <MenuChoice
        value={status}
        onChoose={onChoose}
        options={offered.map((value) => ({ value, label: name(value) }))}
      />
    </Menu>
  );
}
