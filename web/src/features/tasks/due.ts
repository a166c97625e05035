/** The times that a task is offered to fall due. */
import { clockTime, fromInput, partsIn } from '@/format/dates';

const MOMENTS = ['today', 'tomorrow', 'sunday', 'week'] as const;
export type Moment = (typeof MOMENTS)[number];
export type Due = Moment | 'none' | 'other';

const DAYS = 7;

function momentTime(moment: Moment, zone: string, now: Date): Date {
  if (moment === 'today') return clockTime(zone, now, 0, 17);
  if (moment === 'tomorrow') return clockTime(zone, now, 1, 9);
  // The week begins on Sunday; on a Sunday the next one is meant.
  if (moment === 'sunday') return clockTime(zone, now, DAYS - partsIn(zone, now).weekday, 9);
  return clockTime(zone, now, DAYS, 9);
}

export function dueTime(due: Due, zone: string, other: string, now = new Date()): Date | null {
  if (due === 'other') return fromInput(zone, other);
  return due === 'none' ? null : momentTime(due, zone, now);
}

/** Those that lie ahead, each moment once: on a Saturday tomorrow is Sunday. */
export function offered(zone: string, now: Date): Moment[] {
  const times = MOMENTS.map((moment) => momentTime(moment, zone, now).getTime());
  return MOMENTS.filter((_, at) => {
    const time = times[at] ?? 0;
    return time > now.getTime() && times.indexOf(time) === at;
  });
}

/** What was chosen, so long as it lies ahead. */
export function ahead(due: Due, zone: string, now: Date): Due {
  return due === 'today' && momentTime(due, zone, now) <= now ? 'tomorrow' : due;
}
