/** Open tasks, with a line to add one: the customer's, or those of today. */
import { useQuery } from '@tanstack/react-query';
import { SquareCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Count } from '@/components/ui/badge';
import { Panel } from '@/components/ui/panel';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { clockTime } from '@/format/dates';
import { useNow, useZone } from '@/format/use-format';
import { usePermission } from '@/session/session';
import { type TaskFilters, tasksQuery } from './queries';
import { QuickAddTask } from './quick-add';
import { TaskRow } from './task-row';

export function CustomerTasks({ customer }: { customer: number }) {
  const { t } = useTranslation();
  return (
    <TaskPanel
      title={t('tasks.title')}
      filters={{ customer_id: customer, status: 'open', sort: 'due_at' }}
      customer={customer}
      empty={{ title: t('tasks.noneOpen'), hint: t('tasks.noneOpenHint') }}
    />
  );
}

/** What is due until the end of today, overdue included. */
export function TodayTasks() {
  const { t } = useTranslation();
  const zone = useZone();
  const midnight = clockTime(zone, useNow(), 1, 0).toISOString();
  return (
    <TaskPanel
      title={t('today.tasks')}
      filters={{ status: 'open', due_before: midnight, sort: 'due_at' }}
      empty={{ title: t('today.tasksNone'), hint: t('today.tasksNoneHint') }}
    />
  );
}

interface TaskPanelProps {
  title: string;
  filters: TaskFilters;
  customer?: number;
  empty: { title: string; hint: string };
}

function TaskPanel({ title, filters, customer, empty }: TaskPanelProps) {
  const query = useQuery(tasksQuery(filters));
  const mayWrite = usePermission('tasks:write');
  const tasks = query.data?.results;
  return (
    <Panel
      title={title}
      aside={query.data && query.data.total > 0 ? <Count>{query.data.total}</Count> : null}
    >
      {mayWrite && <QuickAddTask {...(customer === undefined ? { due: 'today' as const } : { customer })} />}
      {query.isPending && <SkeletonRows rows={3} />}
      {query.isError && !tasks && <Trouble small error={query.error} onRetry={() => void query.refetch()} />}
      {tasks?.length === 0 && <Empty small icon={SquareCheck} title={empty.title} hint={empty.hint} />}
      {tasks && tasks.length > 0 && (
        <ul className="pb-3">
          {tasks.map((task) => (
            <TaskRow key={task.id} task={task} withCustomer={customer === undefined} />
          ))}
        </ul>
      )}
    </Panel>
  );
}
