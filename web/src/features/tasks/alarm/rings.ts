/**
 * The alarms that nobody has attended to. They come as `task:due`; after a reload or a gap they are what is still open
 * of the notifications that were not read.
 */
import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import type { Task } from '@/api/types';
import { addRing, type Ring } from '@/realtime/rings';

const MOST = 20;
/** What rang longer ago is overdue, and stands in the list. */
const FRESH_MS = 12 * 3_600_000;
const MINUTE_MS = 60_000;

const unreadAlarms = () =>
  take(
    api.GET('/api/notifications', {
      params: { query: asQuery({ unread: true, kind: 'task_due', limit: MOST }) },
    }),
  );

const taskOf = (link: string) => Number(/[?&]task=(\d+)/.exec(link)?.[1] ?? 0);

async function taskIfThere(id: number): Promise<Task | null> {
  try {
    return await take(api.GET('/api/tasks/{id}', { params: { path: { id } } }));
  } catch (error) {
    if (isProblem(error) && (error.status === 404 || error.status === 403)) return null;
    throw error;
  }
}

/** It is open and its time has come. */
export function isDue(task: Task, now: number): boolean {
  if (task.status !== 'open' || !task.due_at) return false;
  return Date.parse(task.due_at) - (task.remind_before_minutes ?? 0) * MINUTE_MS <= now + 1_000;
}

async function fetchRings(client: QueryClient): Promise<Ring[]> {
  const { results } = await unreadAlarms();
  const now = Date.now();
  const fresh = results.filter((one) => now - Date.parse(one.created_at) < FRESH_MS);
  const known = () => client.getQueryData<Ring[]>(keys.tasks.ringing) ?? [];
  const asked = known();
  const ids = new Set([...asked.map((ring) => ring.task_id), ...fresh.map((one) => taskOf(one.link))]);
  const tasks = await Promise.all([...ids].filter(Boolean).map(taskIfThere));
  const due = tasks.filter((task) => task !== null).filter((task) => isDue(task, now));
  let rings: Ring[] = [];
  for (const task of due) {
    const heard = known().find((ring) => ring.task_id === task.id);
    rings = addRing(rings, {
      task_id: task.id,
      title: task.title,
      customer_id: task.customer_id ?? null,
      due_at: task.due_at ?? '',
      occurrence_id: heard?.occurrence_id ?? `${task.id}@${task.due_at}`,
    });
  }
  // What rang while these were asked for.
  for (const ring of known()) if (!ids.has(ring.task_id)) rings = addRing(rings, ring);
  return rings;
}

export const ringingQuery = queryOptions({
  queryKey: keys.tasks.ringing,
  staleTime: 60_000,
  queryFn: ({ client }) => fetchRings(client),
});

/** Whoever attended to it knows of it: the notification is read, on every screen. */
export async function attended(client: QueryClient, tasks: readonly number[]): Promise<void> {
  client.setQueryData<Ring[]>(keys.tasks.ringing, (rings = []) =>
    rings.filter((ring) => !tasks.includes(ring.task_id)),
  );
  const { results } = await unreadAlarms();
  const ids = results.filter((one) => tasks.includes(taskOf(one.link))).map((one) => one.id);
  if (ids.length > 0) await take(api.POST('/api/notifications/read', { body: { ids } }));
  await client.invalidateQueries({ queryKey: keys.notifications.all });
}
