import { expect, it } from 'vitest';
import { chainOf } from './chain';

const row = (seq: number, change: object = {}) => ({
  business_id: 1,
  seq,
  hash: `h${seq}`,
  prev_hash: `h${seq - 1}`,
  ...change,
});

it('neighbours that name each other hang together, in whatever order they came', () => {
  expect(chainOf([row(3), row(2), row(1)])).toEqual({ compared: 2, broken: [] });
});

it('a changed record breaks the chain where it stands', () => {
  expect(chainOf([row(3), row(2, { hash: 'other' }), row(1)]).broken).toEqual([2]);
});

it('what a filter left out, and what belongs to another business, is not compared', () => {
  expect(chainOf([row(9), row(4), row(5, { business_id: 2 })])).toEqual({ compared: 0, broken: [] });
});
