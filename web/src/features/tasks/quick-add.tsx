/** One line to write the next step down: what, when, who. */
import { Plus } from 'lucide-react';
import { type FormEvent, lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { BARE_INPUT, INPUT, INPUT_BOX } from '@/components/ui/field';
import { Refusal } from '@/components/ui/states';
import { clockTime, toInput } from '@/format/dates';
import { useNow, useZone } from '@/format/use-format';
import { useSession } from '@/session/session';
import { ahead, type Due, dueTime } from './due';
import { useCreateTask } from './queries';

const TaskOptions = lazy(() => import('./task-options'));

export function QuickAddTask({ customer, due: firstDue = 'tomorrow' }: { customer?: number; due?: Due }) {
  const { t } = useTranslation();
  const zone = useZone();
  const { user } = useSession();
  const [title, setTitle] = useState('');
  const [chosen, setDue] = useState<Due>(firstDue);
  const [other, setOther] = useState(() => toInput(zone, clockTime(zone, new Date(), 1, 9)));
  const [assignee, setAssignee] = useState(String(user.id));
  const create = useCreateTask();
  const due = ahead(chosen, zone, useNow());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!title.trim()) return;
    const due_at = dueTime(due, zone, other)?.toISOString() ?? null;
    create.mutate(
      {
        title: title.trim(),
        due_at,
        assignee_id: assignee ? Number(assignee) : null,
        ...(customer !== undefined && { customer_id: customer }),
      },
      { onSuccess: () => setTitle('') },
    );
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2 px-5 pb-4">
      <div className={cx(INPUT_BOX, 'h-9 gap-2 px-3 max-md:h-11')}>
        <Plus aria-hidden className="size-4 shrink-0 text-faint" />
        <input
          dir={title ? 'auto' : undefined}
          aria-label={t('tasks.add')}
          placeholder={t('tasks.addPlaceholder')}
          maxLength={300}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          className={BARE_INPUT}
        />
      </div>
      {title && (
        <div className="flex flex-wrap items-center gap-2">
          <Suspense>
            <TaskOptions
              due={due}
              other={other}
              assignee={assignee}
              onDue={setDue}
              onAssignee={setAssignee}
            />
          </Suspense>
          {due === 'other' && (
            <input
              type="datetime-local"
              aria-label={t('tasks.dueOther')}
              value={other}
              onChange={(event) => setOther(event.target.value)}
              className={cx(INPUT, 'tabular h-8 w-auto! text-caption max-md:h-11')}
            />
          )}
          <span className="grow" />
          <Button look="primary" size="sm" type="submit" busy={create.isPending}>
            {t('common.save')}
          </Button>
        </div>
      )}
      <Refusal error={create.error} />
    </form>
  );
}
