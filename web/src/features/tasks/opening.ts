/** When the business opens next by its weekly hours, so that «next opening» can be named by its day. */
import { queryOptions } from '@tanstack/react-query';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { momentIn, partsIn } from '@/format/dates';

type Hours = Record<string, string[][]>;

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const TWO_WEEKS = 14;

export const openingHoursQuery = (business: number) =>
  queryOptions({
    queryKey: keys.openingHours,
    staleTime: 10 * 60_000,
    queryFn: () => take(api.GET('/api/businesses/{id}/settings', { params: { path: { id: business } } })),
    select: ({ hours, holidays }) => ({
      hours,
      closed: holidays.flatMap((day) =>
        typeof day === 'string' ? [day] : day.rule === 'closed' ? [day.date] : [],
      ),
    }),
  });

export function nextOpening(zone: string, now: Date, hours: Hours, closed: readonly string[]): Date | null {
  const today = partsIn(zone, now);
  for (let ahead = 0; ahead <= TWO_WEEKS; ahead += 1) {
    const day = new Date(Date.UTC(today.year, today.month - 1, today.day + ahead));
    if (closed.includes(day.toISOString().slice(0, 10))) continue;
    for (const [from = ''] of hours[DAYS[day.getUTCDay()] ?? ''] ?? []) {
      const [hour = 0, minute = 0] = from.split(':').map(Number);
      const at = momentIn(zone, {
        year: day.getUTCFullYear(),
        month: day.getUTCMonth() + 1,
        day: day.getUTCDate(),
        hour,
        minute,
      });
      if (at > now) return at;
    }
  }
  return null;
}
