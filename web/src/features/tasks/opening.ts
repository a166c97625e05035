/** When the business is open by its weekly hours, so that what is offered falls into them and «next opening» has a day. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { momentIn, partsIn } from '@/format/dates';
import { usePermission, useSession } from '@/session/session';

export interface Openings {
  /** By day, `sun` … `sat`: from and until, `09:00`. */
  hours: Record<string, string[][]>;
  /** Days on which nobody is there, `2026-11-22`. */
  closed: readonly string[];
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const TWO_WEEKS = 14;

/** As they begin for every business; for those who may not read what it has set. */
const workday = [['09:00', '18:00']];
const USUAL: Openings = {
  hours: { sun: workday, mon: workday, tue: workday, wed: workday, thu: workday, fri: [['09:00', '13:00']] },
  closed: [],
};

const openingsQuery = (business: number) =>
  queryOptions({
    queryKey: keys.openingHours,
    staleTime: 10 * 60_000,
    queryFn: () => take(api.GET('/api/businesses/{id}/settings', { params: { path: { id: business } } })),
    select: ({ hours, holidays }): Openings => ({
      hours,
      closed: holidays.flatMap((day) =>
        typeof day === 'string' ? [day] : day.rule === 'closed' ? [day.date] : [],
      ),
    }),
  });

export function useOpenings(): Openings {
  const { business } = useSession();
  const may = usePermission('settings:read');
  const { data } = useQuery({ ...openingsQuery(business.id), enabled: may });
  return data ?? USUAL;
}

/** From and until, for every time the business is open on this day by the clock of `zone`, some days from now. */
function openOn(zone: string, now: Date, days: number, { hours, closed }: Openings): [Date, Date][] {
  const today = partsIn(zone, now);
  const day = new Date(Date.UTC(today.year, today.month - 1, today.day + days));
  if (closed.includes(day.toISOString().slice(0, 10))) return [];
  const moment = (clock: string) => {
    const [hour = 0, minute = 0] = clock.split(':').map(Number);
    const [year, month, date] = [day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate()];
    return momentIn(zone, { year, month, day: date, hour, minute });
  };
  const spans = hours[DAYS[day.getUTCDay()] ?? ''] ?? [];
  return spans.map(([from = '', until = '']) => [moment(from), moment(until)]);
}

/** The first opening after this moment, within two weeks. */
export function nextOpening(zone: string, after: Date, openings: Openings): Date | null {
  for (let days = 0; days <= TWO_WEEKS; days += 1) {
    for (const [from] of openOn(zone, after, days, openings)) if (from > after) return from;
  }
  return null;
}

export function isOpenAt(zone: string, at: Date, openings: Openings): boolean {
  return openOn(zone, at, 0, openings).some(([from, until]) => from <= at && at < until);
}

/** When the business closes for this day, if it opens on it. */
export function closingOf(zone: string, at: Date, openings: Openings): Date | null {
  return openOn(zone, at, 0, openings).at(-1)?.[1] ?? null;
}
