/** The tasks of one view, as the filters narrow them. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { CalendarCheck, CircleCheckBig, ClockAlert, SquareCheck } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Listed, Task } from '@/api/types';
import { Empty } from '@/components/ui/states';
import { useNow, useZone } from '@/format/use-format';
import { tasksQuery, workQuery } from './queries';
import { TasksTable } from './tasks-table';
import { type View, viewOf } from './views';

export interface TasksNarrowed {
  assignee?: string;
  customer?: number;
  priority?: string;
}

const PAGE = 25;

function asFilters({ assignee, customer }: TasksNarrowed) {
  return {
    ...(assignee && { assignee_id: assignee }),
    ...(customer !== undefined && { customer_id: customer }),
  };
}

/** What is to be done, by view; undefined while it loads. */
export function useWork(narrowed: TasksNarrowed) {
  const zone = useZone();
  const now = useNow();
  const query = useQuery({ ...workQuery(asFilters(narrowed)), placeholderData: keepPreviousData });
  const of = useMemo(() => {
    if (!query.data) return undefined;
    const shown = query.data.filter((task) => !narrowed.priority || task.priority === narrowed.priority);
    const views: Record<View, Task[]> = { today: [], overdue: [], upcoming: [], done: [] };
    for (const task of shown) views[viewOf(task, zone, now)].push(task);
    return views;
  }, [query.data, narrowed.priority, zone, now]);
  return { query, of };
}

interface TasksListProps {
  id: string;
  view: View;
  narrowed: TasksNarrowed;
  page: number;
  toolbar?: ReactNode;
  /** Beside the words of an empty list. */
  add?: ReactNode;
  ofOne?: boolean;
  onPage: (page: number) => void;
  onClear?: () => void;
  onOpen: (task: Task) => void;
}

export function TasksList(props: TasksListProps) {
  return props.view === 'done' ? <DoneTasks {...props} /> : <OpenTasks {...props} />;
}

function listedPage(tasks: Task[], page: number): Listed<Task> {
  const pages = Math.max(1, Math.ceil(tasks.length / PAGE));
  const at = Math.min(page, pages);
  return {
    results: tasks.slice((at - 1) * PAGE, at * PAGE),
    page: at,
    pages,
    total: tasks.length,
    limit: PAGE,
  };
}

function OpenTasks({ view, narrowed, page, add, ...rest }: TasksListProps) {
  const { query, of } = useWork(narrowed);
  const data = of && listedPage(of[view], page);
  return (
    <TasksTable
      {...rest}
      narrowed={isNarrowed(narrowed)}
      query={{ data, isPending: query.isPending, error: query.error, refetch: query.refetch }}
      empty={<Nothing view={view} add={add} />}
    />
  );
}

function DoneTasks({ narrowed, page, add: _add, ...rest }: TasksListProps) {
  const query = useQuery({
    ...tasksQuery({ ...asFilters(narrowed), status: 'done', limit: PAGE, page }),
    placeholderData: keepPreviousData,
  });
  const { priority } = narrowed;
  const data = query.data && {
    ...query.data,
    results: query.data.results.filter((task) => !priority || task.priority === priority),
  };
  return (
    <TasksTable
      {...rest}
      narrowed={isNarrowed(narrowed)}
      query={{ data, isPending: query.isPending, error: query.error, refetch: query.refetch }}
      empty={<Nothing view="done" />}
    />
  );
}

const isNarrowed = ({ assignee, customer, priority }: TasksNarrowed) =>
  Boolean(assignee || customer || priority);

const ICONS = { today: CalendarCheck, overdue: ClockAlert, upcoming: SquareCheck, done: CircleCheckBig };

function Nothing({ view, add }: { view: View; add?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Empty
      icon={ICONS[view]}
      title={t(`tasks.empty.${view}`)}
      hint={t(`tasks.emptyHint.${view}`)}
      action={view === 'done' || view === 'overdue' ? undefined : add}
    />
  );
}
