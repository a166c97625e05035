/** Whether an alarm may open over everything, or stays a silent bar for the moment. */

export const TYPING_MS = 5_000;
export const MOST_HELD_MS = 60_000;

interface Moment {
  now: number;
  /** When it began to ring here. */
  since: number;
  lastTyped: number;
  /** A page with a live call is open. */
  onCall: boolean;
}

export function mayOpen({ now, since, lastTyped, onCall }: Moment): boolean {
  if (now - since >= MOST_HELD_MS) return true;
  return !onCall && now - lastTyped >= TYPING_MS;
}
