/** The times that a task is offered to fall due. */
import { clockTime, fromInput, partsIn } from '@/format/dates';

export type Due = 'none' | 'today' | 'tomorrow' | 'sunday' | 'week' | 'other';

const DAYS = 7;

export function dueTime(due: Due, zone: string, other: string): Date | null {
  const now = new Date();
  if (due === 'today') return clockTime(zone, now, 0, 17);
  if (due === 'tomorrow') return clockTime(zone, now, 1, 9);
  // The week begins on Sunday; on a Sunday the next one is meant.
  if (due === 'sunday') return clockTime(zone, now, DAYS - partsIn(zone, now).weekday, 9);
  if (due === 'week') return clockTime(zone, now, DAYS, 9);
  if (due === 'other') return fromInput(zone, other);
  return null;
}
