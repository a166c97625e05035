import { expect, it } from 'vitest';
import { codesOf, dialLink, operatorOf } from './forwarding';

it('a mobile forwards by the codes that all networks share', () => {
  expect(codesOf('mobile', 'all', '+97236001122')).toEqual({ on: '**21*036001122#', off: '##21#' });
  expect(codesOf('mobile', 'no_answer', '+97236001122')?.on).toBe('**61*036001122#');
  expect(codesOf('mobile', 'busy', '+97236001122')?.off).toBe('##67#');
});

it('what the table does not have is not made up', () => {
  expect(codesOf('bezeq', 'busy', '+97236001122')).toBeNull();
  expect(codesOf('other', 'all', '+97236001122')).toBeNull();
});

it('a code in a link keeps its hashes', () => {
  expect(dialLink('**21*036001122#')).toBe('tel:**21*036001122%23');
});

it('the company is guessed by the number', () => {
  expect(['+972521234567', '+97236001122', '+972771234567', '+442071234567'].map(operatorOf)).toEqual([
    'mobile',
    'bezeq',
    'other',
    'other',
  ]);
});
