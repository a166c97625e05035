/**
 * Walking the rows by keys. One row is the current one: Tab comes to it, arrows, `j` and `k` go on from it, Enter opens
 * it and Space picks it. It stays the current one while it is out of sight.
 */
import { type KeyboardEvent, type RefObject, useEffect, useRef } from 'react';
import { useKeys } from '../keyboard';

const PAGE_ROWS = 10;

interface Walked {
  frame: RefObject<HTMLElement | null>;
  count: number;
  /** Brings a row that is not drawn into sight. */
  reveal: (row: number) => void;
  onPick: ((row: number, through: boolean) => void) | undefined;
  onClear: (() => void) | undefined;
}

const linkOf = (frame: HTMLElement | null, row: number) =>
  frame?.querySelector<HTMLElement>(`[data-row="${row}"] [data-row-link]`);

export function useRowKeys({ frame, count, reveal, onPick, onClear }: Walked) {
  const current = useRef(-1);
  const sought = useRef(-1);
  useEffect(() => {
    tabTo(frame.current, current.current);
    const found = sought.current >= 0 && linkOf(frame.current, sought.current);
    if (!found) return;
    sought.current = -1;
    // Unless one has gone on to something else meanwhile.
    const here = document.activeElement;
    if (here === frame.current || here === document.body) found.focus({ preventScroll: true });
  });
  const go = (row: number) => {
    if (count === 0) return;
    const next = Math.max(0, Math.min(count - 1, row));
    current.current = next;
    const link = linkOf(frame.current, next);
    if (link) {
      sought.current = -1;
      tabTo(frame.current, next);
      link.focus();
    } else {
      sought.current = next;
      // Until it is drawn the list itself has the focus, so that no further key is lost.
      frame.current?.focus({ preventScroll: true });
      reveal(next);
    }
  };
  const walk = (step: number) => {
    const here =
      sought.current >= 0 ? sought.current : (focused(frame.current) ?? Math.min(current.current, count - 1));
    go(here < 0 ? (step > 0 ? 0 : count - 1) : here + step);
  };
  useKeys({
    j: () => walk(1),
    k: () => walk(-1),
    x: () => {
      const row = focused(frame.current);
      if (row !== null) onPick?.(row, false);
    },
  });
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const row = sought.current >= 0 ? sought.current : focused(frame.current);
    if (row === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const acts: [string, (() => void) | undefined][] = [
      ['ArrowDown', () => go(row + 1)],
      ['ArrowUp', () => go(row - 1)],
      ['PageDown', () => go(row + PAGE_ROWS)],
      ['PageUp', () => go(row - PAGE_ROWS)],
      ['Home', () => go(0)],
      ['End', () => go(count - 1)],
      [' ', onPick && (() => onPick(row, event.shiftKey))],
      ['Escape', onClear],
    ];
    const act = acts.find(([key]) => key === event.key)?.[1];
    if (!act) return;
    event.preventDefault();
    act();
  };
  const onFocus = () => {
    const row = focused(frame.current);
    if (row === null) return;
    sought.current = -1;
    if (row === current.current) return;
    current.current = row;
    tabTo(frame.current, row);
  };
  return { onKeyDown, onFocus };
}

/** The row whose link is focused. */
function focused(frame: HTMLElement | null): number | null {
  const here = document.activeElement;
  if (!here?.matches('[data-row-link]') || !frame?.contains(here)) return null;
  const row = here.closest<HTMLElement>('[data-row]')?.dataset.row;
  return row === undefined ? null : Number(row);
}

/** Tab finds one row only: the current one, else the first that is drawn. */
function tabTo(frame: HTMLElement | null, row: number): void {
  const links = [...(frame?.querySelectorAll<HTMLElement>('[data-row-link]') ?? [])];
  const one = linkOf(frame, row) ?? links[0];
  for (const link of links) link.tabIndex = link === one ? 0 : -1;
}
