import { Link } from '@tanstack/react-router';
import { Phone } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Task } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { formatName } from '@/format/phone';
import { useFormat, useNow } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { Tick } from './tick';

interface TaskRowProps {
  task: Task;
  /** The customer's name is left out on the customer's own page. */
  withCustomer?: boolean;
  /** It stands on the page of the call that it comes from. */
  ofCall?: boolean;
}

export function TaskRow({ task, withCustomer, ofCall }: TaskRowProps) {
  const format = useFormat();
  const now = useNow();
  const { t } = useTranslation();
  const { name } = usePeople();
  const done = task.status === 'done';
  const overdue = !done && task.due_at != null && new Date(task.due_at) < now;
  const assignee = name(task.assignee_id);
  return (
    <li className="flex items-start gap-3 px-5 py-2.5 transition-colors hover:bg-hover">
      <Tick task={task} />
      <div className="min-w-0 grow">
        <Link
          to="/tasks"
          search={{ task: task.id }}
          dir="auto"
          className={cx(
            'aligned block rounded-mark py-0.5 text-cell hover:underline',
            done ? 'text-muted line-through' : 'font-semibold',
          )}
        >
          {task.title}
        </Link>
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
              className="inline-flex min-h-6 items-center rounded-mark hover:text-ink hover:underline"
            >
              <bdi>{task.customer_name ? formatName(task.customer_name) : t('tasks.toCustomer')}</bdi>
            </Link>
          )}
          {assignee && <bdi>{assignee}</bdi>}
          {task.call_id && !ofCall && (
            <Link
              to="/calls/$callId"
              params={{ callId: String(task.call_id) }}
              className="inline-flex min-h-6 items-center gap-1 rounded-mark hover:text-ink hover:underline"
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
