import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take, takeWithTag } from '@/api/client';
import { keys } from '@/api/keys';
import type { Snooze, Task, TaskCreate } from '@/api/types';
import { say, useSayProblem } from '@/components/ui/toast';
import { useFormat } from '@/format/use-format';
import { TO_DO } from '@/session/counts';

export interface TaskFilters {
  customer_id?: number;
  call_id?: number;
  assignee_id?: string;
  status?: string;
  due_before?: string;
  sort?: string;
  limit?: number;
  page?: number;
}

const MOST = 50;
const PAGE = 100;
/** A list of more than so many is not worked through by reading it. */
const MOST_PAGES = 5;

export const tasksQuery = (filters: TaskFilters) =>
  queryOptions({
    queryKey: keys.tasks.list({ ...filters }),
    queryFn: () => take(api.GET('/api/tasks', { params: { query: asQuery({ limit: MOST, ...filters }) } })),
  });

/** Everything that is to be done, the most urgent first: open or put off. */
export const workQuery = (filters: Pick<TaskFilters, 'customer_id' | 'assignee_id'>) =>
  queryOptions({
    queryKey: keys.tasks.list({ ...filters, all: true }),
    queryFn: () => everyPage({ ...filters, status: TO_DO }),
  });

async function everyPage(filters: TaskFilters): Promise<Task[]> {
  const tasks: Task[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const query = asQuery({ limit: PAGE, sort: 'due_at', page, ...filters });
    const listed = await take(api.GET('/api/tasks', { params: { query } }));
    tasks.push(...listed.results);
    if (page >= listed.pages) break;
  }
  return tasks;
}

/** One task with the version that the next change must name. */
export const taskQuery = (id: number) =>
  queryOptions({
    queryKey: keys.tasks.one(id),
    queryFn: () => takeWithTag(api.GET('/api/tasks/{id}', { params: { path: { id } } })),
    staleTime: 0,
  });

function useRefresh() {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: keys.notifications.all });
    return client.invalidateQueries({ queryKey: keys.tasks.all });
  };
}

export function useCreateTask() {
  const { t } = useTranslation();
  const format = useFormat();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: TaskCreate) => take(api.POST('/api/tasks', { body })),
    onSuccess: ({ due_at }) =>
      say(due_at ? t('tasks.createdFor', { when: format.when(due_at, new Date()) }) : t('tasks.created')),
    onSettled: refresh,
  });
}

export function useUpdateTask(id: number) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ body, etag }: { body: TaskCreate; etag: string | null }) =>
      take(
        api.PATCH('/api/tasks/{id}', {
          params: { path: { id } },
          ...(etag && { headers: { 'If-Match': etag } }),
          body,
        }),
      ),
    onSuccess: () => say(t('tasks.saved')),
    onSettled: refresh,
  });
}

const onTask = (id: number) => ({ params: { path: { id } } });
type Which = Pick<Task, 'id'>;

/** Completes at once; ten seconds to take it back. */
export function useCompleteTask() {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const onError = useSayProblem();
  const reopen = useMutation({
    mutationFn: (task: Which) => take(api.POST('/api/tasks/{id}/reopen', onTask(task.id))),
    onSuccess: () => say(t('tasks.reopened')),
    onError,
    onSettled: refresh,
  });
  const complete = useMutation({
    mutationFn: (task: Which) => take(api.POST('/api/tasks/{id}/complete', onTask(task.id))),
    onSuccess: (_, task) => say(t('tasks.completed'), () => reopen.mutate(task)),
    onError,
    onSettled: refresh,
  });
  return { complete, reopen };
}

/** Puts a task off and says until when, as the server decided. */
export function useSnoozeTask() {
  const { t } = useTranslation();
  const format = useFormat();
  const refresh = useRefresh();
  const onError = useSayProblem();
  return useMutation({
    mutationFn: ({ id, until }: { id: number; until: Snooze }) =>
      take(api.POST('/api/tasks/{id}/snooze', { ...onTask(id), body: until })),
    onSuccess: ({ due_at }) =>
      say(t('tasks.snoozed', { when: due_at ? format.when(due_at, new Date()) : '' })),
    onError,
    onSettled: refresh,
  });
}
