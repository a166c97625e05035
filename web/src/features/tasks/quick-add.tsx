/** One line to write the next step down: what, when, who. */
import { Plus } from 'lucide-react';
import { type FormEvent, lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { BARE_INPUT, INPUT, INPUT_BOX } from '@/components/ui/field';
import { Refusal } from '@/components/ui/states';
import { toInput } from '@/format/dates';
import { useSession } from '@/session/session';
import { type Due, useDue } from './due';
import { useCreateTask } from './queries';

const TaskOptions = lazy(() => import('./task-options'));

export function QuickAddTask({ customer }: { customer?: number }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const { zone, usual, time } = useDue();
  const [title, setTitle] = useState('');
  const [chosen, setDue] = useState<Due | null>(null);
  const [typed, setOther] = useState<string | null>(null);
  const [assignee, setAssignee] = useState(String(user.id));
  const create = useCreateTask();
  const due = chosen ?? usual;
  const opening = time('opening');
  const other = typed ?? (opening ? toInput(zone, opening) : '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!title.trim()) return;
    const due_at = time(due, other)?.toISOString() ?? null;
    create.mutate(
      {
        title: title.trim(),
        due_at,
        assignee_id: assignee ? Number(assignee) : null,
        ...(customer !== undefined && { customer_id: customer }),
      },
      {
        onSuccess: () => {
          setTitle('');
          setDue(null);
        },
      },
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
