/** A customer's status, as a badge and as a menu. */
import { ChevronDown, CircleCheck, CircleDashed, CircleDot, CircleSlash, Star } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Badge, type Tone } from '@/components/ui/badge';
import { Menu, MenuChoice } from '@/components/ui/menu';

const STATUSES = {
  new: { tone: 'info', icon: CircleDashed },
  contacted: { tone: 'neutral', icon: CircleDot },
  qualified: { tone: 'accent', icon: Star },
  customer: { tone: 'success', icon: CircleCheck },
  inactive: { tone: 'neutral', icon: CircleSlash },
} as const satisfies Record<string, { tone: Tone; icon: typeof Star }>;

type Status = keyof typeof STATUSES;
export const STATUS_NAMES = Object.keys(STATUSES) as Status[];

function isKnown(status: string): status is Status {
  return status in STATUSES;
}

/** The word for a status; a business's own statuses are shown as they were named. */
export function useStatusName(): (status: string) => string {
  const { t } = useTranslation();
  return (status) => (isKnown(status) ? t(`customers.status.${status}`) : status);
}

export function StatusBadge({ status }: { status: string }) {
  const name = useStatusName();
  const look = isKnown(status) ? STATUSES[status] : { tone: 'neutral' as const, icon: CircleDot };
  return (
    <Badge tone={look.tone} icon={look.icon}>
      {name(status)}
    </Badge>
  );
}

export function StatusMenu({ status, onChoose }: { status: string; onChoose: (status: string) => void }) {
  const { t } = useTranslation();
  const name = useStatusName();
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={`${t('customers.statusColumn')}: ${name(status)}`}
          className="target inline-flex items-center gap-1 rounded-full transition-opacity hover:opacity-80"
        >
          <StatusBadge status={status} />
          <ChevronDown aria-hidden className="size-3.5 text-faint" />
        </button>
      }
    >
      <MenuChoice
        value={status}
        onChoose={onChoose}
        options={STATUS_NAMES.map((value) => ({ value, label: t(`customers.status.${value}`) }))}
      />
    </Menu>
  );
}
