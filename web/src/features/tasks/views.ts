/** The views of the list of tasks, and what falls into each. */
import type { Task } from '@/api/types';
import { clockTime } from '@/format/dates';

export const VIEWS = ['today', 'overdue', 'upcoming', 'done'] as const;
export type View = (typeof VIEWS)[number];
export const PRIORITIES = ['high', 'normal', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What has no time is still ahead. */
export function viewOf(task: Task, zone: string, now: Date): View {
  if (task.status === 'done') return 'done';
  if (!task.due_at) return 'upcoming';
  const due = new Date(task.due_at);
  if (due < now && task.status !== 'snoozed') return 'overdue';
  return due < clockTime(zone, now, 1, 0) ? 'today' : 'upcoming';
}
