/** Which rows of a long list are in sight. Rows are all equally tall, so that this is a division. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useState } from 'react';

/** Rows drawn above and below what is in sight. */
const SPARE = 8;
/** Drawing begins anew only when so many rows have gone by. */
const STEP = 4;

export interface Sight {
  first: number;
  /** Not included. */
  end: number;
}

interface Measured {
  count: number;
  row_px: number;
  /** What scrolls; the window when there is none. */
  scroller: RefObject<HTMLElement | null> | null;
  /** What the rows stand in, from the first to the last. */
  area: RefObject<HTMLElement | null>;
}

export function useSight({
  count,
  row_px,
  scroller,
  area,
}: Measured): Sight & { reveal: (row: number) => void } {
  const [sight, setSight] = useState<Sight>({ first: 0, end: Math.min(count, 32) });
  const look = useCallback(() => {
    const next = inSight(count, row_px, scroller?.current ?? null, area.current);
    setSight((now) => (now.first === next.first && now.end === next.end ? now : next));
  }, [count, row_px, scroller, area]);
  useLayoutEffect(look, [look]);
  useEffect(() => {
    const target = scroller ? scroller.current : window;
    target?.addEventListener('scroll', look, { passive: true });
    window.addEventListener('resize', look);
    return () => {
      target?.removeEventListener('scroll', look);
      window.removeEventListener('resize', look);
    };
  }, [look, scroller]);
  const reveal = useCallback(
    (row: number) => scrollTo(row, row_px, scroller?.current ?? null, area.current),
    [row_px, scroller, area],
  );
  return { first: Math.min(sight.first, count), end: Math.min(sight.end, count), reveal };
}

/** How far the rows' beginning is above the upper edge of what is seen, and how tall that is. */
function place(
  scroller: HTMLElement | null,
  area: HTMLElement | null,
): { above_px: number; tall_px: number } {
  const top_px = area?.getBoundingClientRect().top ?? 0;
  if (!scroller) return { above_px: -top_px, tall_px: window.innerHeight };
  return {
    above_px: scroller.getBoundingClientRect().top - top_px,
    // Nothing taller than the window is seen at once, whatever it measures before it is laid out.
    tall_px: Math.min(scroller.clientHeight || window.innerHeight, window.innerHeight),
  };
}

function inSight(
  count: number,
  row_px: number,
  scroller: HTMLElement | null,
  area: HTMLElement | null,
): Sight {
  const { above_px, tall_px } = place(scroller, area);
  const first = Math.floor(above_px / row_px / STEP) * STEP - SPARE;
  const end = Math.ceil((above_px + tall_px) / row_px / STEP) * STEP + SPARE;
  return { first: Math.min(count, Math.max(0, first)), end: Math.max(0, Math.min(count, end)) };
}

/** Scrolls so that a row that may not be drawn yet comes into sight. */
function scrollTo(row: number, row_px: number, scroller: HTMLElement | null, area: HTMLElement | null): void {
  const { above_px, tall_px } = place(scroller, area);
  const middle_px = row * row_px - above_px - tall_px / 2;
  (scroller ?? window).scrollBy({ top: middle_px });
}
