import i18next from 'i18next';
import { describe, expect, it } from 'vitest';
import { startLanguage } from '@/i18n/i18n';
import * as dates from './dates';
import { directionOf } from './direction';
import { formatName, formatPhone, phoneDigits } from './phone';

const ZONE = 'Asia/Jerusalem';
const NOW = new Date('2026-11-20T12:00:00Z');

describe('phones', () => {
  it.each([
    ['+972521234567', '052-123-4567'],
    ['+97231234567', '03-123-4567'],
    ['+972771234567', '077-123-4567'],
    ['0521234567', '052-123-4567'],
    ['+442071234567', '+44 207 123 4567'],
    ['+12025550123', '+1 202 555 0123'],
    ['*2700', '*2700'],
  ])('%s reads %s', (stored, shown) => expect(formatPhone(stored)).toBe(shown));

  it('are copied as one would dial them', () => {
    expect(phoneDigits('+972521234567')).toBe('0521234567');
    expect(phoneDigits('+442071234567')).toBe('+442071234567');
  });

  it('stand in for a name that nobody has said', () => {
    expect(formatName('+972521234567')).toBe('052-123-4567');
    expect(formatName('ישראל')).toBe('ישראל');
  });
});

describe('times', () => {
  it.each([
    ['2026-11-20T11:59:30Z', 'עכשיו'],
    ['2026-11-20T11:58:10Z', 'לפני דקה'],
    ['2026-11-20T11:58:00Z', 'לפני שתי דקות'],
    ['2026-11-20T11:55:00Z', 'לפני 5 דק׳'],
    ['2026-11-20T08:00:00Z', 'היום 10:00'],
    ['2026-11-19T16:40:00Z', 'אתמול 18:40'],
    ['2026-11-19T22:30:00Z', 'היום 00:30'],
    ['2026-11-17T17:02:00Z', 'יום ג׳ 19:02'],
    ['2026-11-21T07:00:00Z', 'מחר 09:00'],
    ['2026-11-12T10:00:00Z', '12/11/2026'],
  ])('%s reads %s', async (at, shown) => {
    await startLanguage('he');
    expect(dates.formatWhen(i18next.t, ZONE, new Date(at), NOW)).toBe(shown);
  });

  it('head a day in words', async () => {
    await startLanguage('he');
    expect(dates.formatDay(i18next.t, ZONE, new Date('2026-11-17T10:00:00Z'), NOW)).toBe('יום שלישי');
    expect(dates.formatLongDay(i18next.t, ZONE, NOW)).toBe('יום שישי, 20 בנובמבר');
  });

  it('go into an input and come back, over the change of the clock too', () => {
    for (const at of ['2026-11-20T12:00:00Z', '2026-03-27T06:30:00Z', '2026-10-25T10:15:00Z']) {
      const moment = new Date(at);
      expect(dates.fromInput(ZONE, dates.toInput(ZONE, moment))).toEqual(moment);
    }
  });

  it('find the clock of another day', () => {
    expect(dates.clockTime(ZONE, NOW, 1, 9).toISOString()).toBe('2026-11-21T07:00:00.000Z');
    // Israel goes back an hour on 25 October 2026.
    expect(dates.clockTime(ZONE, new Date('2026-10-24T12:00:00Z'), 1, 9).toISOString()).toBe(
      '2026-10-25T07:00:00.000Z',
    );
  });

  it('last', () => {
    expect(dates.formatDuration(7)).toBe('0:07');
    expect(dates.formatDuration(3729)).toBe('1:02:09');
  });
});

describe('direction', () => {
  it('is right to left with any Hebrew letter, not by the first one', () => {
    expect(directionOf('iPhone שלי נשבר')).toBe('rtl');
    expect(directionOf('Office renovation')).toBe('ltr');
    expect(directionOf('052-1234567')).toBe('ltr');
  });
});
