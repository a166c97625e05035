/** Open tasks, with a line to add one: the customer's, or those of today. */
import { useQuery } from '@tanstack/react-query';
import { SquareCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Count } from '@/components/ui/badge';
import { Panel } from '@/components/ui/panel';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { clockTime } from '@/format/dates';
import { useNow, useZone } from '@/format/use-format';
import { TO_DO } from '@/session/counts';
import { usePermission } from '@/session/session';
import { type TaskFilters, tasksQuery } from './queries';
import { QuickAddTask } from './quick-add';
import { TaskRow } from './task-row';

export function CustomerTasks({ customer }: { customer: number }) {
  const { t } = useTranslation();
  return (
    <TaskPanel
      title={t('tasks.title')}
      filters={{ customer_id: customer, status: TO_DO, sort: 'due_at' }}
      customer={customer}
      empty={{ title: t('tasks.noneOpen'), hint: t('tasks.noneOpenHint') }}
    />
  );
}

/** What is due until the end of today, overdue included. */
export function TodayTasks() {
  const { t } = useTranslation();
  const midnight = clockTime(useZone(), useNow(), 1, 0).toISOString();
  return (
    <TaskPanel
      title={t('today.tasks')}
      filters={{ status: TO_DO, due_before: midnight, sort: 'due_at' }}
      empty={{ title: t('today.tasksNone'), hint: t('today.tasksNoneHint') }}
    />
  );
}

/** What came of a call: its tasks, done ones too. */
export function CallTasks({ call }: { call: number }) {
  const { t } = useTranslation();
  const { data } = useQuery(tasksQuery({ call_id: call, sort: 'due_at' }));
  if (!data?.results.length) return null;
  return (
    <Panel title={t('tasks.ofCall')}>
      <ul className="pb-3">
        {data.results.map((task) => (
          <TaskRow key={task.id} task={task} ofCall />
        ))}
      </ul>
    </Panel>
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
      {mayWrite && <QuickAddTask {...(customer !== undefined && { customer })} />}
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
