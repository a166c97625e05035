/** The times that a new task is offered to fall due. */
import { clockTime, fromInput } from '@/format/dates';

export type Due = 'none' | 'today' | 'tomorrow' | 'week' | 'other';

export function dueTime(due: Due, zone: string, other: string): Date | null {
  const now = new Date();
  if (due === 'today') return clockTime(zone, now, 0, 17);
  if (due === 'tomorrow') return clockTime(zone, now, 1, 9);
  if (due === 'week') return clockTime(zone, now, 7, 9);
  if (due === 'other') return fromInput(zone, other);
  return null;
}
