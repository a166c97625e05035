/** A conversation's state, as a badge and as a menu. */
import { ChevronDown, CircleCheck, CircleDot, Hourglass } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Thread } from '@/api/types';
import { Badge, type Tone } from '@/components/ui/badge';
import { Menu, MenuChoice } from '@/components/ui/menu';

const LOOKS = {
  open: { tone: 'info', icon: CircleDot },
  waiting: { tone: 'warn', icon: Hourglass },
  closed: { tone: 'neutral', icon: CircleCheck },
} as const satisfies Record<string, { tone: Tone; icon: typeof CircleDot }>;

type State = keyof typeof LOOKS;
const STATES = Object.keys(LOOKS) as State[];

function stateOf({ status }: Pick<Thread, 'status'>): State {
  return STATES.find((state) => state === status) ?? 'open';
}

export function StateBadge({ thread }: { thread: Pick<Thread, 'status'> }) {
  const { t } = useTranslation();
  const state = stateOf(thread);
  return (
    <Badge tone={LOOKS[state].tone} icon={LOOKS[state].icon}>
      {t(`inbox.status.${state}`)}
    </Badge>
  );
}

interface StateMenuProps {
  thread: Thread;
  onChoose: (state: State) => void;
}

export function StateMenu({ thread, onChoose }: StateMenuProps) {
  const { t } = useTranslation();
  const state = stateOf(thread);
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={`${t('inbox.statusLabel')}: ${t(`inbox.status.${state}`)}`}
          className="target inline-flex items-center gap-1 rounded-full transition-opacity hover:opacity-80"
        >
          <StateBadge thread={thread} />
          <ChevronDown aria-hidden className="size-3.5 text-faint" />
        </button>
      }
    >
      <MenuChoice
        value={state}
        onChoose={onChoose}
        options={STATES.map((value) => ({ value, label: t(`inbox.status.${value}`) }))}
      />
    </Menu>
  );
}
