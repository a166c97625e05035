/** When and who, for a task that is being written. Loaded when the first letter is typed. */
import { CalendarClock, UserRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Menu, MenuChoice } from '@/components/ui/menu';
import { useFormat, useNow } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { type Due, useDue } from './due';

interface TaskOptionsProps {
  due: Due;
  other: string;
  assignee: string;
  onDue: (due: Due) => void;
  onAssignee: (assignee: string) => void;
}

export default function TaskOptions({ due, other, assignee, onDue, onAssignee }: TaskOptionsProps) {
  return (
    <>
      <DueMenu due={due} other={other} onChoose={onDue} />
      <AssigneeMenu assignee={assignee} onChoose={onAssignee} />
    </>
  );
}

function DueMenu({ due, other, onChoose }: { due: Due; other: string; onChoose: (due: Due) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { offered, time, name } = useDue();
  const at = time(due, other);
  return (
    <Menu
      trigger={
        <Button size="sm" icon={CalendarClock}>
          {at ? format.when(at.toISOString(), now) : t('tasks.dueNone')}
        </Button>
      }
    >
      <MenuChoice<Due>
        value={due}
        onChoose={onChoose}
        options={[...offered, 'other' as const, 'none' as const].map((moment) => ({
          value: moment,
          label: name(moment),
        }))}
      />
    </Menu>
  );
}

function AssigneeMenu({ assignee, onChoose }: { assignee: string; onChoose: (assignee: string) => void }) {
  const { t } = useTranslation();
  const { people, name } = usePeople();
  return (
    <Menu
      trigger={
        <Button size="sm" icon={UserRound}>
          {name(Number(assignee)) ?? t('tasks.unassigned')}
        </Button>
      }
    >
      <MenuChoice
        value={assignee}
        onChoose={onChoose}
        options={[
          ...people.map((user) => ({ value: String(user.id), label: user.name })),
          { value: '', label: t('tasks.unassigned') },
        ]}
      />
    </Menu>
  );
}
