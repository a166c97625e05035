/** Repetition in words: the few rules that people choose, and how a rule is read out. */
import type { TFunction } from 'i18next';
import { partsIn } from '@/format/dates';

export type Repeat = 'never' | 'daily' | 'workdays' | 'weekly' | 'monthly' | 'yearly';

export const REPEATS: readonly Repeat[] = ['never', 'daily', 'workdays', 'weekly', 'monthly', 'yearly'];

const WORKDAYS = 'SU,MO,TU,WE,TH';
const DAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** The rule for a task that is first due then. */
export function ruleOf(repeat: Repeat, zone: string, due: Date): string | null {
  const { weekday, day, month } = partsIn(zone, due);
  const rules: Record<Repeat, string | null> = {
    never: null,
    daily: 'FREQ=DAILY',
    workdays: `FREQ=WEEKLY;BYDAY=${WORKDAYS}`,
    weekly: `FREQ=WEEKLY;BYDAY=${DAYS[weekday]}`,
    monthly: `FREQ=MONTHLY;BYMONTHDAY=${day}`,
    yearly: `FREQ=YEARLY;BYMONTH=${month};BYMONTHDAY=${day}`,
  };
  return rules[repeat];
}

function parts(rule: string): Map<string, string> {
  const pairs = rule.replace(/^RRULE:/, '').split(';');
  return new Map(pairs.map((pair) => pair.split('=') as [string, string]));
}

/** Which of the offered ones a rule is; `null` for any other. */
export function repeatOf(rule: string | null | undefined): Repeat | null {
  if (!rule) return 'never';
  const read = parts(rule);
  if (read.has('INTERVAL') || read.has('COUNT') || read.has('UNTIL')) return null;
  const days = read.get('BYDAY');
  switch (read.get('FREQ')) {
    case 'DAILY':
      return days ? null : 'daily';
    case 'WEEKLY':
      if (days === WORKDAYS) return 'workdays';
      return days?.includes(',') ? null : 'weekly';
    case 'MONTHLY':
      return days ? null : 'monthly';
    case 'YEARLY':
      return days ? null : 'yearly';
    default:
      return null;
  }
}

/** «כל יום», «כל יום שלישי», «בכל 14 בחודש». */
export function repeatWords(t: TFunction, repeat: Repeat, zone: string, due: Date | null): string {
  if (!due) return t(`tasks.repeat.${repeat}`);
  const { weekday, day, month } = partsIn(zone, due);
  const names = t('time.weekdayLong', { returnObjects: true }) as string[];
  const months = t('time.month', { returnObjects: true }) as string[];
  if (repeat === 'weekly') return t('tasks.repeat.weeklyOn', { day: names[weekday] });
  if (repeat === 'monthly') return t('tasks.repeat.monthlyOn', { day });
  if (repeat === 'yearly') return t('tasks.repeat.yearlyOn', { day, month: months[month - 1] });
  return t(`tasks.repeat.${repeat}`);
}
