import { describe, expect, it } from 'vitest';
import { clockTime, minutesOf } from '@/components/ui/time-field';
import { another, faultOf, groups, hoursOf, weekOf } from './week';

describe('a time', () => {
  it.each([
    ['9', '09:00'],
    ['930', '09:30'],
    ['9:30', '09:30'],
    ['17.45', '17:45'],
    ['', ''],
    ['later', 'later'],
  ])('written as «%s» is %s', (written, time) => expect(clockTime(written)).toBe(time));

  it('ends with the day', () => {
    expect(minutesOf('24:00')).toBe(1440);
    expect(minutesOf('24:15')).toBeNull();
    expect(minutesOf('12:60')).toBeNull();
  });
});

describe('a week', () => {
  it('comes back as it went in, closed days left out', () => {
    const hours = {
      sun: [
        ['09:00', '13:00'],
        ['16:00', '19:00'],
      ],
      fri: [],
    };
    expect(hoursOf(weekOf(hours))).toEqual({ sun: hours.sun });
  });

  it('names what is wrong with a day', () => {
    expect(
      faultOf([
        ['09:00', '13:00'],
        ['13:00', '19:00'],
      ]),
    ).toBeNull();
    expect(faultOf([['09:00', '']])).toBe('time');
    expect(faultOf([['13:00', '09:00']])).toBe('reversed');
    expect(
      faultOf([
        ['09:00', '13:00'],
        ['12:00', '19:00'],
      ]),
    ).toBe('overlap');
  });

  it('offers a further range after the last one', () => {
    expect(another([])).toEqual(['09:00', '17:00']);
    expect(another([['09:00', '13:00']])).toEqual(['14:00', '18:00']);
    expect(faultOf([['09:00', '21:30'], another([['09:00', '21:30']])])).toBeNull();
  });

  it('is told by its groups of like days', () => {
    const day = [['09:00', '18:00']];
    const told = groups(
      weekOf({ sun: day, mon: day, tue: day, wed: day, thu: day, fri: [['09:00', '13:00']] }),
    );
    expect(told.map(({ from, to }) => [from, to])).toEqual([
      ['sun', 'thu'],
      ['fri', 'fri'],
      ['sat', 'sat'],
    ]);
  });
});
