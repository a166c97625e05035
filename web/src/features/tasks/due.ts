/** The times that a task is offered to fall due: soon, or while the business is open. */
import { useTranslation } from 'react-i18next';
import { clockTime, fromInput, partsIn } from '@/format/dates';
import { useFormat, useNow, useZone } from '@/format/use-format';
import { closingOf, isOpenAt, nextOpening, type Openings, useOpenings } from './opening';

const MOMENTS = ['tenMinutes', 'hour', 'today', 'opening', 'sunday', 'week'] as const;
export type Moment = (typeof MOMENTS)[number];
export type Due = Moment | 'none' | 'other';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAYS = 7;
const MORNING = 9;

/** The first opening on that day or after it. */
function openingFrom(zone: string, now: Date, days: number, openings: Openings): Date {
  const midnight = clockTime(zone, now, days, 0);
  const opening = nextOpening(zone, new Date(midnight.getTime() - 1), openings);
  return opening ?? clockTime(zone, now, days, MORNING);
}

function momentTime(moment: Moment, zone: string, now: Date, openings: Openings): Date {
  const whole = now.getTime() - (now.getTime() % MINUTE_MS);
  if (moment === 'tenMinutes') return new Date(whole + 10 * MINUTE_MS);
  if (moment === 'hour') return new Date(whole + HOUR_MS);
  // An hour before closing there is time left to do it; on a day that is closed there is none.
  if (moment === 'today') return new Date((closingOf(zone, now, openings)?.getTime() ?? 0) - HOUR_MS);
  if (moment === 'opening') return nextOpening(zone, now, openings) ?? clockTime(zone, now, 1, MORNING);
  // The week begins on Sunday; on a Sunday the next one is a week away.
  if (moment === 'sunday') return openingFrom(zone, now, DAYS - partsIn(zone, now).weekday, openings);
  return openingFrom(zone, now, DAYS, openings);
}

/** Those that lie ahead, each moment once, and what is soon only so far as it is sooner than the rest. */
export function offered(zone: string, now: Date, openings: Openings): Moment[] {
  const times = new Map(MOMENTS.map((moment) => [moment, momentTime(moment, zone, now, openings).getTime()]));
  const time = (moment: Moment) => times.get(moment) ?? 0;
  // On a Sunday next Sunday is «in a week».
  const isSunday = partsIn(zone, now).weekday === 0;
  const apart = MOMENTS.filter((moment) => {
    if (moment === 'today') return time('today') > time('hour');
    return moment !== 'sunday' || !isSunday;
  });
  return apart.filter((moment, at) => apart.findIndex((earlier) => time(earlier) === time(moment)) === at);
}

/** In an hour while somebody is there, else when the business opens. */
export function usual(zone: string, now: Date, openings: Openings): Moment {
  return isOpenAt(zone, momentTime('hour', zone, now, openings), openings) ? 'hour' : 'opening';
}

/** What is offered now, with the time and the words of each. */
export function useDue() {
  const { t } = useTranslation();
  const format = useFormat();
  const zone = useZone();
  const now = useNow();
  const openings = useOpenings();
  const time = (due: Due, other = '', at = new Date()): Date | null => {
    if (due === 'other') return fromInput(zone, other);
    return due === 'none' ? null : momentTime(due, zone, at, openings);
  };
  const name = (due: Due): string => {
    if (due === 'other') return t('tasks.dueOther');
    if (due === 'tenMinutes' || due === 'hour' || due === 'week' || due === 'none')
      return t(`tasks.pick.${due}`);
    return format.when(momentTime(due, zone, now, openings).toISOString(), now);
  };
  return { zone, offered: offered(zone, now, openings), usual: usual(zone, now, openings), time, name };
}
