/**
 * Times as people say them, in the business's time zone. The only place that calls `Intl`: `he-IL` writes dates with
 * dots, so day, month and year are put together here.
 */
import type { TFunction } from 'i18next';

export interface Parts {
  year: number;
  month: number;
  day: number;
  /** 0 is Sunday. */
  weekday: number;
  hour: number;
  minute: number;
}

const DAY_MS = 86_400_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  let found = formatters.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      hourCycle: 'h23',
    });
    formatters.set(zone, found);
  }
  return found;
}

export function partsIn(zone: string, at: Date): Parts {
  const found: Record<string, number> = {};
  for (const part of formatter(zone).formatToParts(at)) {
    if (part.type !== 'literal') found[part.type] = Number(part.value);
  }
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = found;
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  return { year, month, day, weekday, hour, minute };
}

/** The moment at which a clock in `zone` shows these parts. */
export function momentIn(zone: string, parts: Omit<Parts, 'weekday'>): Date {
  const wanted = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute);
  // A second round settles days on which the clock moves.
  const first = wanted - offset(zone, wanted);
  return new Date(wanted - offset(zone, first));
}

function offset(zone: string, at: number): number {
  const p = partsIn(zone, new Date(at));
  return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute) - Math.floor(at / 60_000) * 60_000;
}

/** Whole days from the day of `from` to the day of `to`. */
export function daysBetween(zone: string, from: Date, to: Date): number {
  return (dayStart(partsIn(zone, to)) - dayStart(partsIn(zone, from))) / DAY_MS;
}

function dayStart(parts: Parts): number {
  return Date.UTC(parts.year, parts.month - 1, parts.day);
}

const two = (n: number) => String(n).padStart(2, '0');

/** `12/11/2026` */
export function formatDate(zone: string, at: Date): string {
  const p = partsIn(zone, at);
  return `${two(p.day)}/${two(p.month)}/${p.year}`;
}

/** A day without a time, `2026-09-12`, as `12/09/2026`. */
export function formatIsoDay(day: string): string {
  return day.split('-').reverse().join('/');
}

/** A day without a time, some days later. */
export function addDays(day: string, days: number): string {
  const moment = new Date(`${day}T00:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + days);
  return Number.isNaN(moment.getTime()) ? day : moment.toISOString().slice(0, 10);
}

/** When that day begins by the clock of `zone`. */
export function momentOfDay(zone: string, day: string): Date {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return momentIn(zone, { year, month, day: date, hour: 0, minute: 0 });
}

/** `18:40` */
export function formatTime(zone: string, at: Date): string {
  const p = partsIn(zone, at);
  return `${two(p.hour)}:${two(p.minute)}`;
}

/** «לפני 5 דק׳», «היום 14:20», «אתמול 18:40», «יום ה׳ 19:02», `12/11/2026`; what is ahead alike. */
export function formatWhen(t: TFunction, zone: string, at: Date, now: Date): string {
  const time = formatTime(zone, at);
  const ago = now.getTime() - at.getTime();
  if (ago >= -30_000 && ago < 60_000) return t('time.now');
  if (ago >= 0 && ago < 3_600_000) return t('time.minutesAgo', { count: Math.floor(ago / 60_000) });
  const days = daysBetween(zone, now, at);
  if (days === 0) return t('time.todayAt', { time });
  if (days === -1) return t('time.yesterdayAt', { time });
  if (days === 1) return t('time.tomorrowAt', { time });
  if (Math.abs(days) < 7) return t('time.dayAt', { day: weekdayName(t, zone, at), time });
  return formatDate(zone, at);
}

/** A day as a heading: «היום», «אתמול», «יום שלישי», `12/11/2026`. */
export function formatDay(t: TFunction, zone: string, at: Date, now: Date): string {
  const days = daysBetween(zone, now, at);
  if (days === 0) return t('time.today');
  if (days === -1) return t('time.yesterday');
  if (days === 1) return t('time.tomorrow');
  if (days < 0 && days > -7) return long(t, 'weekdayLong')[partsIn(zone, at).weekday] ?? '';
  return formatDate(zone, at);
}

/** «יום שישי, 20 בנובמבר» */
export function formatLongDay(t: TFunction, zone: string, at: Date): string {
  const p = partsIn(zone, at);
  return t('time.longDay', {
    weekday: long(t, 'weekdayLong')[p.weekday],
    day: p.day,
    month: long(t, 'month')[p.month - 1],
  });
}

function weekdayName(t: TFunction, zone: string, at: Date): string {
  return long(t, 'weekday')[partsIn(zone, at).weekday] ?? '';
}

function long(t: TFunction, list: 'weekday' | 'weekdayLong' | 'month'): string[] {
  return t(`time.${list}`, { returnObjects: true }) as string[];
}

/** `0:07`, `3:25`, `1:02:09` */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = two(whole % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** The value of a `datetime-local` input for this moment. */
export function toInput(zone: string, at: Date): string {
  const p = partsIn(zone, at);
  return `${p.year}-${two(p.month)}-${two(p.day)}T${two(p.hour)}:${two(p.minute)}`;
}

export function fromInput(zone: string, value: string): Date | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(value);
  if (!found) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = found.slice(1).map(Number);
  return momentIn(zone, { year, month, day, hour, minute });
}

/** A clock time some days from now, for example tomorrow at nine. */
export function clockTime(zone: string, now: Date, days: number, hour: number): Date {
  const p = partsIn(zone, now);
  const target = new Date(Date.UTC(p.year, p.month - 1, p.day + days));
  return momentIn(zone, {
    year: target.getUTCFullYear(),
    month: target.getUTCMonth() + 1,
    day: target.getUTCDate(),
    hour,
    minute: 0,
  });
}
