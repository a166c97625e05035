/** The list of tasks, in the product's one table. */
import { Link } from '@tanstack/react-router';
import { AlarmClock, Phone, Repeat2 } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Listed, Task } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table/data-table';
import { Badge } from '@/components/ui/badge';
import { IconButton } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { formatName } from '@/format/phone';
import { useFormat, useNow } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { usePermission } from '@/session/session';
import { useSnoozeTask } from './queries';
import { SnoozeMenu } from './snooze-menu';
import { Tick } from './tick';

interface TasksTableProps {
  id: string;
  query: { data: Listed<Task> | undefined; isPending: boolean; error: unknown; refetch: () => unknown };
  toolbar?: ReactNode;
  empty: ReactNode;
  narrowed?: boolean;
  onClear?: () => void;
  onPage?: (page: number) => void;
  /** The customer's name is left out on the customer's own page. */
  ofOne?: boolean;
  onOpen: (task: Task) => void;
}

export function TasksTable({ ofOne, onOpen, ...rest }: TasksTableProps) {
  const { t } = useTranslation();
  const { name } = usePeople();
  const mayWrite = usePermission('tasks:write');
  const columns = useMemo((): Column<Task>[] => {
    const all: (Column<Task> | false)[] = [
      {
        id: 'title',
        title: t('tasks.columns.title'),
        fixed: true,
        cell: (task) => (
          <span className="flex min-w-0 items-center gap-3">
            <span className="relative z-1">
              <Tick task={task} />
            </span>
            <TitleButton task={task} onOpen={onOpen} />
          </span>
        ),
      },
      {
        id: 'due',
        title: t('tasks.columns.due'),
        width: '11rem',
        cell: (task) => (task.status === 'done' ? <DoneAt task={task} /> : <DueAt task={task} />),
      },
      !ofOne && {
        id: 'customer',
        title: t('tasks.columns.customer'),
        width: '12rem',
        from: 'lg',
        cell: (task) => <Customer task={task} />,
      },
      {
        id: 'assignee',
        title: t('tasks.columns.assignee'),
        width: '9rem',
        from: ofOne ? 'xl' : 'lg',
        cell: (task) => (
          <bdi className={task.assignee_id ? '' : 'text-faint'}>
            {name(task.assignee_id) ?? t('tasks.unassigned')}
          </bdi>
        ),
      },
      {
        id: 'priority',
        title: t('tasks.columns.priority'),
        width: '7rem',
        from: 'xl',
        cell: (task) => <PriorityBadge task={task} />,
      },
    ];
    return all.filter((column) => column !== false);
  }, [t, name, ofOne, onOpen]);
  return (
    <DataTable
      {...rest}
      title={t('tasks.title')}
      columns={columns}
      rowKey={(task) => task.id}
      compactRow={(task) => <CompactRow task={task} ofOne={ofOne} onOpen={onOpen} />}
      {...(mayWrite && { rowActions: (task: Task) => <SnoozeButton task={task} /> })}
    />
  );
}

function TitleButton({ task, onOpen }: { task: Task; onOpen: (task: Task) => void }) {
  const done = task.status === 'done';
  return (
    <button
      type="button"
      data-row-link
      dir="auto"
      onClick={() => onOpen(task)}
      className={cx(
        'aligned min-w-0 grow truncate text-start after:absolute after:inset-0',
        done ? 'text-muted line-through' : 'font-semibold',
      )}
    >
      {task.title}
    </button>
  );
}

function DueAt({ task }: { task: Task }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  if (!task.due_at) return <span className="text-faint">{t('tasks.dueNone')}</span>;
  const snoozed = task.status === 'snoozed';
  const overdue = !snoozed && new Date(task.due_at) < now;
  return (
    <span
      className={cx('tabular inline-flex items-center gap-1.5', overdue && 'font-semibold text-danger-text')}
    >
      {snoozed && (
        <AlarmClock role="img" aria-label={t('tasks.status.snoozed')} className="size-3.5 text-muted" />
      )}
      {task.repeat && <Repeat2 role="img" aria-label={t('tasks.repeats')} className="size-3.5 text-muted" />}
      {format.when(task.due_at, now)}
      {overdue && <span className="sr-only">{t('tasks.overdue')}</span>}
    </span>
  );
}

function DoneAt({ task }: { task: Task }) {
  const format = useFormat();
  const now = useNow();
  return (
    <span className="tabular text-muted">{task.completed_at && format.when(task.completed_at, now)}</span>
  );
}

function Customer({ task }: { task: Task }) {
  const { t } = useTranslation();
  if (!task.customer_id) return null;
  return (
    <Link
      to="/crm/customers/$customerId"
      params={{ customerId: String(task.customer_id) }}
      className="relative z-1 rounded-mark hover:underline"
    >
      <bdi>{task.customer_name ? formatName(task.customer_name) : t('tasks.toCustomer')}</bdi>
    </Link>
  );
}

function PriorityBadge({ task }: { task: Task }) {
  const { t } = useTranslation();
  if (task.priority === 'high') return <Badge tone="warn">{t('tasks.priority.high')}</Badge>;
  if (task.priority === 'low') return <span className="text-muted">{t('tasks.priority.low')}</span>;
  return null;
}

function SnoozeButton({ task }: { task: Task }) {
  const { t } = useTranslation();
  const snooze = useSnoozeTask();
  if (task.status === 'done') return null;
  return (
    <SnoozeMenu
      onSnooze={(until) => snooze.mutate({ id: task.id, until })}
      trigger={
        <IconButton
          size="sm"
          label={t('tasks.snoozeTask', { title: task.title })}
          icon={AlarmClock}
          disabled={snooze.isPending}
        />
      }
    />
  );
}

interface CompactProps {
  task: Task;
  ofOne: boolean | undefined;
  onOpen: (task: Task) => void;
}

function CompactRow({ task, ofOne, onOpen }: CompactProps) {
  const { t } = useTranslation();
  return (
    <div className="flex items-center gap-4">
      <span className="relative z-1 ps-2">
        <Tick task={task} />
      </span>
      <div className="flex min-w-0 grow flex-col">
        <TitleButton task={task} onOpen={onOpen} />
        <span className="flex flex-wrap items-center gap-x-2 text-caption text-muted">
          {task.status === 'done' ? <DoneAt task={task} /> : <DueAt task={task} />}
          {task.priority === 'high' && (
            <span className="font-semibold text-warn-text">{t('tasks.priority.high')}</span>
          )}
          {!ofOne && task.customer_name && <bdi className="truncate">{formatName(task.customer_name)}</bdi>}
          {task.call_id && <Phone role="img" aria-label={t('tasks.fromCall')} className="size-3" />}
        </span>
      </div>
    </div>
  );
}
