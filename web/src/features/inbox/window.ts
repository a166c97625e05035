/** Until when a free text may go: for most ways, a day after the other side last wrote. */
import type { Thread } from '@/api/types';

const WINDOW_MS = 24 * 3_600_000;
/** Before this nobody needs to hurry. */
const SOON_MS = 4 * 3_600_000;

type Window =
  /** There is no way to write at all. */
  | { state: 'none' }
  /** Nothing closes, or not soon. */
  | { state: 'open' }
  | { state: 'closing'; left_ms: number }
  | { state: 'closed' };

type Watched = Pick<Thread, 'open_providers' | 'last_inbound_at'>;

/** `available` are the ways that the business has; unknown until they are loaded. */
export function windowOf(thread: Watched, available: readonly string[] | undefined, now: Date): Window {
  if (!available) return { state: 'open' };
  if (available.length === 0) return { state: 'none' };
  if (available.includes('baileys')) return { state: 'open' };
  const last = thread.last_inbound_at ? Date.parse(thread.last_inbound_at) : Number.NEGATIVE_INFINITY;
  const left_ms = last + WINDOW_MS - now.getTime();
  const some = available.some((way) => thread.open_providers.includes(way));
  if (!some || left_ms <= 0) return { state: 'closed' };
  return left_ms < SOON_MS ? { state: 'closing', left_ms } : { state: 'open' };
}
