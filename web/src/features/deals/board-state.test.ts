import { expect, it } from 'vitest';
import type { Deal, DealBoard } from '@/api/types';
import { moved, neighbours, placeOf, stepped, taken } from './board-state';

const deal = (id: number, amount: number | null = 100) =>
  ({ id, title: `d${id}`, amount_minor: amount, currency: 'ILS' }) as Deal;

const board = (money = true) =>
  ({
    pipeline: { id: 1 },
    stages: [
      { id: 10, name: 'a', deals: [deal(1), deal(2), deal(3, null)], total: 3 },
      { id: 20, name: 'b', deals: [deal(4)], total: 1 },
      { id: 30, name: 'c', deals: [], total: 0 },
    ].map((stage) => ({
      ...stage,
      ...(money && { sums: stage.id === 30 ? [] : [{ currency: 'ILS', amount_minor: stage.id * 20 }] }),
    })),
  }) as unknown as DealBoard;

const ids = (of: DealBoard) => of.stages.map((stage) => stage.deals.map(({ id }) => id));

it('a deal that moves leaves its stage and stands where it was put, with what it is worth', () => {
  const after = moved(board(), deal(2), { stage: 20, index: 1 });
  expect(ids(after)).toEqual([[1, 3], [4, 2], []]);
  expect(after.stages.map(({ total }) => total)).toEqual([2, 2, 0]);
  expect(after.stages.map(({ sums }) => sums?.[0]?.amount_minor)).toEqual([100, 500, undefined]);
});

it('within a stage nothing but the order changes', () => {
  const after = moved(board(), deal(3, null), { stage: 10, index: 0 });
  expect(ids(after)).toEqual([[3, 1, 2], [4], []]);
  expect(after.stages[0]?.sums?.[0]?.amount_minor).toBe(200);
});

it('sums that one may not see stay absent', () => {
  expect(moved(board(false), deal(1), { stage: 30, index: 0 }).stages[2]?.sums).toBeUndefined();
});

it('the server is told of a neighbour', () => {
  expect(neighbours(board(), 2, { stage: 10, index: 0 })).toEqual({ stage_id: 10, before_id: 1 });
  expect(neighbours(board(), 1, { stage: 10, index: 1 })).toEqual({ stage_id: 10, after_id: 2 });
  expect(neighbours(board(), 1, { stage: 20, index: 1 })).toEqual({ stage_id: 20, after_id: 4 });
  expect(neighbours(board(), 1, { stage: 30, index: 0 })).toEqual({ stage_id: 30 });
});

it('arrows go from stage to stage and stop at the edges', () => {
  expect(stepped(board(), 3, 'forward')).toEqual({ stage: 20, index: 1 });
  expect(stepped(board(), 1, 'back')).toBeNull();
  expect(stepped(board(), 1, 'up')).toBeNull();
  expect(stepped(board(), 1, 'down')).toEqual({ stage: 10, index: 1 });
  expect(stepped(board(), 3, 'down')).toBeNull();
});

it('a deal that is won or lost leaves the board', () => {
  const after = taken(board(), deal(4));
  expect(placeOf(after, 4)).toBeNull();
  expect(after.stages[1]).toMatchObject({ total: 0, sums: [{ amount_minor: 300 }] });
});
