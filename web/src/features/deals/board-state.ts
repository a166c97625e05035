/** The board as data: where a deal stands, and the board after it has moved. */
import type { Amount, Deal, DealBoard } from '@/api/types';

type Stage = DealBoard['stages'][number];

export interface Place {
  stage: number;
  /** From the top, counted without the deal that moves. */
  index: number;
}

export function placeOf(board: DealBoard, deal: number): Place | null {
  for (const stage of board.stages) {
    const index = stage.deals.findIndex(({ id }) => id === deal);
    if (index >= 0) return { stage: stage.id, index };
  }
  return null;
}

/** What the server is told of a place: the neighbour above, or the one below for the top. */
export function neighbours(board: DealBoard, deal: number, place: Place) {
  const stage = board.stages.find(({ id }) => id === place.stage);
  const others = (stage?.deals ?? []).filter(({ id }) => id !== deal);
  const above = others[place.index - 1];
  const below = others[0];
  if (above) return { stage_id: place.stage, after_id: above.id };
  return below ? { stage_id: place.stage, before_id: below.id } : { stage_id: place.stage };
}

function changed(sums: readonly Amount[], deal: Deal, sign: 1 | -1): Amount[] {
  if (deal.amount_minor == null) return [...sums];
  const amount = deal.amount_minor * sign;
  const known = sums.some(({ currency }) => currency === deal.currency);
  const next = known
    ? sums.map((sum) =>
        sum.currency === deal.currency ? { ...sum, amount_minor: sum.amount_minor + amount } : sum,
      )
    : [...sums, { currency: deal.currency, amount_minor: amount }];
  return next.filter(({ amount_minor }) => amount_minor !== 0);
}

function without(stage: Stage, deal: Deal): Stage {
  const deals = stage.deals.filter(({ id }) => id !== deal.id);
  if (deals.length === stage.deals.length) return stage;
  return {
    ...stage,
    deals,
    total: stage.total - 1,
    ...(stage.sums && { sums: changed(stage.sums, deal, -1) }),
  };
}

function withDeal(stage: Stage, deal: Deal, index: number): Stage {
  const deals = [...stage.deals];
  deals.splice(index, 0, { ...deal, stage_id: stage.id });
  return {
    ...stage,
    deals,
    total: stage.total + 1,
    ...(stage.sums && { sums: changed(stage.sums, deal, 1) }),
  };
}

export function moved(board: DealBoard, deal: Deal, place: Place): DealBoard {
  const stages = board.stages
    .map((stage) => without(stage, deal))
    .map((stage) => (stage.id === place.stage ? withDeal(stage, deal, place.index) : stage));
  return { ...board, stages };
}

/** The board once a deal is won or lost. */
export function taken(board: DealBoard, deal: Deal): DealBoard {
  return { ...board, stages: board.stages.map((stage) => without(stage, deal)) };
}

/**
 * Where an arrow puts a deal: `forward` and `back` along the stages, `up` and `down` within one. Null at the edge.
 */
export function stepped(
  board: DealBoard,
  deal: number,
  step: 'forward' | 'back' | 'up' | 'down',
): Place | null {
  const place = placeOf(board, deal);
  if (!place) return null;
  const at = board.stages.findIndex(({ id }) => id === place.stage);
  if (step === 'up') return place.index > 0 ? { ...place, index: place.index - 1 } : null;
  if (step === 'down') {
    const most = (board.stages[at]?.deals.length ?? 0) - 1;
    return place.index < most ? { ...place, index: place.index + 1 } : null;
  }
  const next = board.stages[at + (step === 'forward' ? 1 : -1)];
  return next ? { stage: next.id, index: Math.min(place.index, next.deals.length) } : null;
}
