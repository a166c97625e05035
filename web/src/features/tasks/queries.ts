import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { Task, TaskCreate } from '@/api/types';
import { say, sayProblem } from '@/components/ui/toast';
import { problemText } from '@/i18n/problem-text';

export interface TaskFilters {
  customer_id?: number;
  status?: string;
  due_before?: string;
  sort?: string;
  limit?: number;
}

const MOST = 50;

export const tasksQuery = (filters: TaskFilters) =>
  queryOptions({
    queryKey: keys.tasks.list({ ...filters }),
    queryFn: () => take(api.GET('/api/tasks', { params: { query: asQuery({ limit: MOST, ...filters }) } })),
  });

export function useCreateTask() {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: TaskCreate) => take(api.POST('/api/tasks', { body })),
    onSuccess: () => say(t('tasks.created')),
    onSettled: () => client.invalidateQueries({ queryKey: keys.tasks.all }),
  });
}

/** Completes at once; ten seconds to take it back. */
export function useCompleteTask() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: keys.tasks.all });
  const onError = (error: unknown) => sayProblem(problemText(t, error));
  const reopen = useMutation({
    mutationFn: (task: Task) =>
      take(api.POST('/api/tasks/{id}/reopen', { params: { path: { id: task.id } } })),
    onSuccess: () => say(t('tasks.reopened')),
    onError,
    onSettled: refresh,
  });
  const complete = useMutation({
    mutationFn: (task: Task) =>
      take(api.POST('/api/tasks/{id}/complete', { params: { path: { id: task.id } } })),
    onSuccess: (_, task) => say(t('tasks.completed'), () => reopen.mutate(task)),
    onError,
    onSettled: refresh,
  });
  return { complete, reopen };
}
