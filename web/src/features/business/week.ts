/** The working week as the settings hold it, `{"sun": [["09:00", "17:00"]]}`, and what is wrong with one. */
import { minutesOf } from '@/components/ui/time-field';

export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Day = (typeof DAYS)[number];
export type Span = readonly [from: string, to: string];
export type Week = Record<Day, readonly Span[]>;
export type Fault = 'time' | 'reversed' | 'overlap';

const FIRST: Span = ['09:00', '17:00'];

export function weekOf(hours: Record<string, string[][]>): Week {
  const spans = (day: Day) => (hours[day] ?? []).map(([from = '', to = '']): Span => [from, to]);
  return Object.fromEntries(DAYS.map((day) => [day, spans(day)])) as unknown as Week;
}

/** Days without hours are left out: they are closed. */
export function hoursOf(week: Week): Record<string, string[][]> {
  const open = DAYS.filter((day) => week[day].length > 0);
  return Object.fromEntries(open.map((day) => [day, week[day].map(([from, to]) => [from, to])]));
}

export function faultOf(spans: readonly Span[]): Fault | null {
  let end = 0;
  for (const span of spans) {
    const [from, to] = span.map(minutesOf);
    if (from === null || to === null || from === undefined || to === undefined) return 'time';
    if (from >= to) return 'reversed';
    if (from < end) return 'overlap';
    end = to;
  }
  return null;
}

/** What a further range of a day begins as: an hour after the last one, for at most four hours. */
export function another(spans: readonly Span[]): Span {
  const last = minutesOf(spans.at(-1)?.[1] ?? '');
  if (last === null) return FIRST;
  const from = Math.min(last + 60, 22 * 60);
  return [written(from), written(Math.min(from + 240, 24 * 60))];
}

function written(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

export function isSame(one: Week, other: Week): boolean {
  return JSON.stringify(hoursOf(one)) === JSON.stringify(hoursOf(other));
}

/** Neighbouring days with the same hours, in the order of the week. */
export function groups(week: Week): { from: Day; to: Day; spans: readonly Span[] }[] {
  const found: { from: Day; to: Day; spans: readonly Span[] }[] = [];
  for (const day of DAYS) {
    const last = found.at(-1);
    if (last && JSON.stringify(last.spans) === JSON.stringify(week[day])) last.to = day;
    else found.push({ from: day, to: day, spans: week[day] });
  }
  return found;
}
