import { describe, expect, it } from 'vitest';
import type { Task } from '@/api/types';
import { addRing, type Ring } from '@/realtime/rings';
import { MOST_HELD_MS, mayOpen, TYPING_MS } from './alarm/hold';
import { isDue } from './alarm/rings';
import { offered, usual } from './due';
import { nextOpening, type Openings } from './opening';
import { repeatOf, ruleOf } from './repeat';
import { viewOf } from './views';

const ZONE = 'Asia/Jerusalem';
const at = (text: string) => new Date(text);
const task = (change: Partial<Task>) => ({ status: 'open', due_at: null, ...change }) as Task;

describe('an alarm', () => {
  const quiet = { now: 100_000, since: 100_000, lastTyped: Number.NEGATIVE_INFINITY, onCall: false };

  it('opens at once when nothing holds it', () => {
    expect(mayOpen(quiet)).toBe(true);
  });

  it('waits for the one who types, and for a live call', () => {
    expect(mayOpen({ ...quiet, lastTyped: quiet.now - TYPING_MS + 1 })).toBe(false);
    expect(mayOpen({ ...quiet, lastTyped: quiet.now - TYPING_MS })).toBe(true);
    expect(mayOpen({ ...quiet, onCall: true })).toBe(false);
  });

  it('waits no longer than a minute', () => {
    const held = { ...quiet, since: quiet.now - MOST_HELD_MS, lastTyped: quiet.now, onCall: true };
    expect(mayOpen(held)).toBe(true);
  });

  const ring = (change: Partial<Ring> = {}): Ring => ({
    occurrence_id: '3-1',
    task_id: 3,
    title: 'a',
    customer_id: null,
    due_at: '2026-11-22T07:00:00Z',
    ...change,
  });

  it('is one alarm however often it is told', () => {
    expect(addRing([ring()], ring())).toHaveLength(1);
    // First known from the list of notifications, then heard.
    expect(addRing([ring({ occurrence_id: '3@x' })], ring())).toHaveLength(1);
  });

  it('that was put off and rings again takes the place of the one before', () => {
    const again = ring({ occurrence_id: '3-2', due_at: '2026-11-22T08:00:00Z' });
    expect(addRing([ring()], again)).toEqual([again]);
  });

  it('is of a task that is open, and counts from its reminder', () => {
    const now = Date.parse('2026-11-22T07:00:00Z');
    const due_at = '2026-11-22T07:30:00Z';
    expect(isDue(task({ due_at }), now)).toBe(false);
    expect(isDue(task({ due_at, remind_before_minutes: 30 }), now)).toBe(true);
    expect(isDue(task({ due_at, remind_before_minutes: 30, status: 'snoozed' }), now)).toBe(false);
  });
});

describe('views', () => {
  const now = at('2026-11-22T10:00:00Z');
  it.each([
    ['overdue', { due_at: '2026-11-22T09:00:00Z' }],
    ['today', { due_at: '2026-11-22T21:00:00Z' }],
    // Midnight in Israel is two hours before midnight in London.
    ['upcoming', { due_at: '2026-11-22T22:30:00Z' }],
    ['upcoming', {}],
    ['done', { due_at: '2026-11-22T09:00:00Z', status: 'done' }],
  ])('%s', (view, change) => {
    expect(viewOf(task(change), ZONE, now)).toBe(view);
  });
});

describe('repetition', () => {
  it('is read back as it was written', () => {
    const due = at('2026-11-24T07:00:00Z');
    expect(ruleOf('weekly', ZONE, due)).toBe('FREQ=WEEKLY;BYDAY=TU');
    for (const repeat of ['never', 'daily', 'workdays', 'weekly', 'monthly', 'yearly'] as const) {
      expect(repeatOf(ruleOf(repeat, ZONE, due))).toBe(repeat);
    }
  });

  it('that is none of the offered ones stays what it is', () => {
    expect(repeatOf('FREQ=WEEKLY;INTERVAL=2;BYDAY=SU')).toBeNull();
    expect(repeatOf('FREQ=MONTHLY;BYDAY=1SU')).toBeNull();
  });
});

const workday = [['07:30', '17:00']];
const OPENINGS: Openings = {
  hours: {
    sun: workday,
    mon: workday,
    tue: workday,
    wed: workday,
    thu: workday,
    fri: [['07:30', '12:00']],
    sat: [],
  },
  closed: [],
};

describe('the next opening', () => {
  const friday = at('2026-11-20T14:00:00Z');
  it('skips the Sabbath and days that are closed', () => {
    const closed = ['2026-11-22'];
    expect(nextOpening(ZONE, friday, OPENINGS)?.toISOString()).toBe('2026-11-22T05:30:00.000Z');
    expect(nextOpening(ZONE, friday, { ...OPENINGS, closed })?.toISOString()).toBe(
      '2026-11-23T05:30:00.000Z',
    );
  });

  it('of a business that never opens is none', () => {
    expect(nextOpening(ZONE, friday, { hours: {}, closed: [] })).toBeNull();
  });
});

describe('what a task is offered to fall due', () => {
  const all = ['tenMinutes', 'hour', 'today', 'opening', 'sunday', 'week'];
  it('lies ahead, and «today» leaves an hour until closing', () => {
    expect(offered(ZONE, at('2026-11-24T12:00:00Z'), OPENINGS)).toEqual(all);
    // 15:00 in Israel: an hour from now says the same.
    expect(offered(ZONE, at('2026-11-24T13:00:00Z'), OPENINGS)).toEqual(all.filter((one) => one !== 'today'));
  });

  it('is each moment once, and on a Sunday next Sunday is «in a week»', () => {
    const shabbat = at('2026-11-21T10:00:00Z');
    expect(offered(ZONE, shabbat, OPENINGS)).toEqual(['tenMinutes', 'hour', 'opening', 'week']);
    const sunday = at('2026-11-22T10:00:00Z');
    expect(offered(ZONE, sunday, OPENINGS)).toEqual(['tenMinutes', 'hour', 'today', 'opening', 'week']);
  });

  it('is usually soon while the business is open, and its opening otherwise', () => {
    expect(usual(ZONE, at('2026-11-22T10:00:00Z'), OPENINGS)).toBe('hour');
    expect(usual(ZONE, at('2026-11-22T14:30:00Z'), OPENINGS)).toBe('opening');
    expect(usual(ZONE, at('2026-11-21T10:00:00Z'), OPENINGS)).toBe('opening');
  });
});
