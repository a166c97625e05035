/** Whose conversation it is. */
import { UserRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Thread } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Menu, MenuChoice } from '@/components/ui/menu';
import { usePeople } from '@/session/people';
import { useChangeThread } from './actions';

export function AssignMenu({ thread }: { thread: Thread }) {
  const { t } = useTranslation();
  const { people, name } = usePeople();
  const change = useChangeThread(thread.id);
  const who = name(thread.assignee_id) ?? t('inbox.unassigned');
  const choose = (value: string) =>
    change.mutate({
      change: { assignee_id: value ? Number(value) : null },
      done: value ? t('inbox.assigned', { name: name(Number(value)) ?? '' }) : t('inbox.unassignedDone'),
    });
  return (
    <Menu
      align="end"
      trigger={
        <Button size="sm" icon={UserRound} aria-label={`${t('inbox.assign')}: ${who}`} className="max-w-40">
          <bdi className="truncate">{who}</bdi>
        </Button>
      }
    >
      <MenuChoice
        value={String(thread.assignee_id ?? '')}
        onChoose={choose}
        options={[
          ...people
            .filter(({ active }) => active)
            .map((user) => ({ value: String(user.id), label: <bdi>{user.name}</bdi> })),
          { value: '', label: t('inbox.unassigned') },
        ]}
      />
    </Menu>
  );
}
