import { Link } from '@tanstack/react-router';
import { Check, Phone } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Task } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { Tooltip } from '@/components/ui/tooltip';
import { useFormat, useNow } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { usePermission } from '@/session/session';
import { useCompleteTask } from './queries';

interface TaskRowProps {
  task: Task;
  /** The customer's name is left out on the customer's own page. */
  withCustomer?: boolean;
}

export function TaskRow({ task, withCustomer }: TaskRowProps) {
  const format = useFormat();
  const now = useNow();
  const { t } = useTranslation();
  const { name } = usePeople();
  const done = task.status === 'done';
  const overdue = !done && task.due_at != null && new Date(task.due_at) < now;
  const assignee = name(task.assignee_id);
  return (
    <li className="flex items-start gap-3 px-5 py-2.5 transition-colors hover:bg-hover">
      <Tick task={task} done={done} />
      <div className="min-w-0 grow">
        <p dir="auto" className={cx('aligned text-cell', done ? 'text-muted line-through' : 'font-semibold')}>
          {task.title}
        </p>
        <p className="flex flex-wrap items-center gap-x-2 text-caption text-muted">
          {task.due_at && (
            <span className={cx('tabular', overdue && 'font-semibold text-danger-text')}>
              {format.when(task.due_at, now)}
              {overdue && ` · ${t('tasks.overdue')}`}
            </span>
          )}
          {withCustomer && task.customer_id && (
            <Link
              to="/crm/customers/$customerId"
              params={{ customerId: String(task.customer_id) }}
              className="rounded-mark hover:text-ink hover:underline"
            >
              {t('tasks.toCustomer')}
            </Link>
          )}
          {assignee && <bdi>{assignee}</bdi>}
          {task.call_id && (
            <Link
              to="/calls/$callId"
              params={{ callId: String(task.call_id) }}
              className="inline-flex items-center gap-1 rounded-mark hover:text-ink hover:underline"
            >
              <Phone aria-hidden className="size-3" />
              {t('tasks.fromCall')}
            </Link>
          )}
        </p>
      </div>
    </li>
  );
}

function Tick({ task, done }: { task: Task; done: boolean }) {
  const { t } = useTranslation();
  const { complete, reopen } = useCompleteTask();
  const [pressed, setPressed] = useState(false);
  const mayWrite = usePermission('tasks:write');
  const ticked = done || (pressed && complete.isPending);
  return (
    <Tooltip text={done ? t('tasks.reopen') : t('tasks.complete')}>
      <button
        type="button"
        disabled={!mayWrite || complete.isPending || reopen.isPending}
        aria-label={done ? t('tasks.reopen') : t('tasks.completeTask', { title: task.title })}
        className="target -m-1 grid size-7 max-md:-mx-3 max-md:-my-2.5 shrink-0 place-items-center rounded-full"
        onClick={() => {
          setPressed(true);
          if (done) reopen.mutate(task);
          else complete.mutate(task);
        }}
      >
        <span
          className={cx(
            'grid size-[18px] place-items-center rounded-full border-[1.5px] transition-colors',
            ticked
              ? 'border-success-mark bg-success-mark text-surface'
              : 'border-edge text-transparent hover:border-success-mark hover:text-success-mark',
          )}
        >
          <Check aria-hidden className="size-3" strokeWidth={3} />
        </span>
      </button>
    </Tooltip>
  );
}
