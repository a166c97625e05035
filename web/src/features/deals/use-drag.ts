/**
 * Dragging a card with mouse, pen or finger. A mouse drags once it has moved a little; a finger has to rest first, so
 * that swiping still scrolls. Columns are marked `data-stage`, cards `data-deal`.
 */
import { type PointerEvent as ReactPointerEvent, type RefObject, useEffect, useRef, useState } from 'react';
import type { Deal } from '@/api/types';
import type { Place } from './board-state';

const MOUSE_SLACK = 6;
const TOUCH_SLACK = 10;
const REST_MS = 280;
const EDGE = 56;
const SCROLL_STEP = 14;

export interface Drag {
  deal: Deal;
  /** Where the card's corner is in the window. */
  x: number;
  y: number;
  width: number;
  over: Place | null;
}

interface Started {
  deal: Deal;
  touch: boolean;
  from: { x: number; y: number };
  grip: { x: number; y: number; width: number };
}

/** Over which stage the pointer is, and between which of its cards. */
function placeUnder(board: HTMLElement, deal: number, x: number, y: number): Place | null {
  for (const column of board.querySelectorAll<HTMLElement>('[data-stage]')) {
    const { left, right } = column.getBoundingClientRect();
    if (x < left || x > right) continue;
    const cards = [...column.querySelectorAll<HTMLElement>('[data-deal]')].filter(
      (card) => Number(card.dataset.deal) !== deal,
    );
    const index = cards.filter((card) => {
      const box = card.getBoundingClientRect();
      return box.top + box.height / 2 < y;
    }).length;
    return { stage: Number(column.dataset.stage), index };
  }
  return null;
}

function scrollAtEdges(board: HTMLElement, x: number): void {
  const { left, right } = board.getBoundingClientRect();
  if (x < left + EDGE) board.scrollBy({ left: -SCROLL_STEP });
  else if (x > right - EDGE) board.scrollBy({ left: SCROLL_STEP });
}

/** The click that ends a drag opens nothing. */
function swallowClick(): void {
  const swallow = (event: MouseEvent) => {
    event.stopPropagation();
    event.preventDefault();
  };
  window.addEventListener('click', swallow, { capture: true, once: true });
  setTimeout(() => window.removeEventListener('click', swallow, { capture: true }));
}

interface Watching {
  board: HTMLElement;
  started: Started;
  set: (drag: Drag | null) => void;
  drop: (deal: Deal, place: Place) => void;
}

/** Follows one pointer from where it went down; the answer stops it. */
function follow({ board, started, set, drop }: Watching): () => void {
  let drag: Drag | null = null;
  const lift = (x: number, y: number) => {
    const { deal, grip } = started;
    const over = placeUnder(board, deal.id, x, y);
    drag = { deal, x: x - grip.x, y: y - grip.y, width: grip.width, over };
    set(drag);
  };
  const rest = started.touch ? setTimeout(() => lift(started.from.x, started.from.y), REST_MS) : undefined;
  const move = (event: PointerEvent) => {
    const gone = Math.hypot(event.clientX - started.from.x, event.clientY - started.from.y);
    if (!drag && started.touch && gone > TOUCH_SLACK) return stop();
    if (!drag && (started.touch || gone < MOUSE_SLACK)) return;
    scrollAtEdges(board, event.clientX);
    lift(event.clientX, event.clientY);
  };
  const up = () => {
    if (drag) swallowClick();
    if (drag?.over) drop(drag.deal, drag.over);
    stop();
  };
  const key = (event: KeyboardEvent) => event.key === 'Escape' && stop();
  const still = (event: TouchEvent) => drag && event.preventDefault();
  const stop = () => {
    clearTimeout(rest);
    window.removeEventListener('pointermove', move);
    window.removeEventListener('pointerup', up);
    window.removeEventListener('pointercancel', stop);
    window.removeEventListener('keydown', key);
    window.removeEventListener('touchmove', still);
    set(null);
  };
  window.addEventListener('pointermove', move);
  window.addEventListener('pointerup', up);
  window.addEventListener('pointercancel', stop);
  window.addEventListener('keydown', key);
  window.addEventListener('touchmove', still, { passive: false });
  return stop;
}

export function useDrag(board: RefObject<HTMLElement | null>, drop: (deal: Deal, place: Place) => void) {
  const [drag, setDrag] = useState<Drag | null>(null);
  const stop = useRef<() => void>(() => {});
  useEffect(() => () => stop.current(), []);
  const begin = (event: ReactPointerEvent<HTMLElement>, deal: Deal) => {
    if (event.button !== 0 || !board.current) return;
    const box = event.currentTarget.getBoundingClientRect();
    const from = { x: event.clientX, y: event.clientY };
    stop.current();
    stop.current = follow({
      board: board.current,
      set: setDrag,
      drop,
      started: {
        deal,
        from,
        touch: event.pointerType === 'touch',
        grip: { x: from.x - box.left, y: from.y - box.top, width: box.width },
      },
    });
  };
  return { drag, begin };
}
