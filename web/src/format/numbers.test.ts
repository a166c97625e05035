import { describe, expect, it } from 'vitest';
import { formatCount, formatMoney, parseMoney } from './numbers';

describe('counts', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1234567, '1,234,567'],
    [-1234, '-1,234'],
  ])('%d reads %s', (value, shown) => expect(formatCount(value)).toBe(shown));
});

describe('money', () => {
  it.each([
    [0, '0 ₪'],
    [123400, '1,234 ₪'],
    [123450, '1,234.50 ₪'],
    [-5, '-0.05 ₪'],
    [-123400, '-1,234 ₪'],
  ])('%d agorot read %s', (minor, shown) => expect(formatMoney(minor)).toBe(shown));

  it('names another currency', () => {
    expect(formatMoney(1000, 'USD')).toBe('10 $');
    expect(formatMoney(1000, 'CHF')).toBe('10 CHF');
  });

  it.each([
    ['1,234', 123400],
    ['1234.5', 123450],
    [' 99 ₪ ', 9900],
    ['-3', -300],
    ['', null],
    ['abc', null],
    ['1.234', null],
  ])('%s is taken as %s', (text, minor) => expect(parseMoney(text)).toBe(minor));
});
