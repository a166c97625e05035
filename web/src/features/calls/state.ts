/** What to say of a call in one word, and in which tone. */
import {
  CircleCheck,
  CircleSlash,
  Clock3,
  Forward,
  Hand,
  type LucideIcon,
  PhoneCall,
  PhoneMissed,
  PhoneOff,
  Voicemail,
} from 'lucide-react';
import type { Call } from '@/api/types';
import type { Tone } from '@/components/ui/badge';

const LIVE = new Set(['in-progress', 'ringing', 'queued']);

export function isLive(call: Pick<Call, 'status' | 'ended_at'>): boolean {
  return LIVE.has(call.status) && !call.ended_at;
}

/** Whether someone has the callback in hand at this moment. */
export function isClaimed(row: { claimed_until?: string | null }, now: Date): boolean {
  return Boolean(row.claimed_until && new Date(row.claimed_until) > now);
}

const OUTCOMES = {
  talked: { key: 'calls.outcome.talked', tone: 'success', icon: CircleCheck },
  message: { key: 'calls.outcome.message', tone: 'info', icon: Voicemail },
  transferred: { key: 'calls.outcome.transferred', tone: 'accent', icon: Forward },
  abandoned: { key: 'calls.outcome.abandoned', tone: 'neutral', icon: PhoneOff },
  missed: { key: 'calls.outcome.missed', tone: 'danger', icon: PhoneMissed },
  not_reached: { key: 'calls.outcome.not_reached', tone: 'neutral', icon: CircleSlash },
} as const satisfies Record<string, CallState>;

interface CallState {
  key: string;
  tone: Tone;
  icon: LucideIcon;
}

const STATUSES = {
  queued: { key: 'calls.status.queued', tone: 'info', icon: Clock3 },
  ringing: { key: 'calls.status.ringing', tone: 'info', icon: PhoneCall },
  'in-progress': { key: 'calls.status.in-progress', tone: 'success', icon: PhoneCall },
  completed: { key: 'calls.status.completed', tone: 'neutral', icon: CircleCheck },
  busy: { key: 'calls.status.busy', tone: 'neutral', icon: PhoneOff },
  'no-answer': { key: 'calls.status.no-answer', tone: 'neutral', icon: PhoneMissed },
  failed: { key: 'calls.status.failed', tone: 'danger', icon: PhoneOff },
  canceled: { key: 'calls.status.canceled', tone: 'neutral', icon: CircleSlash },
} as const satisfies Record<string, CallState>;

const WAITING = {
  claimed: { key: 'calls.outcome.claimed', tone: 'accent', icon: Hand },
  needs_callback: { key: 'calls.outcome.needs_callback', tone: 'warn', icon: Clock3 },
} as const satisfies Record<string, CallState>;

export const OUTCOME_NAMES = Object.keys(OUTCOMES) as (keyof typeof OUTCOMES)[];

export function callState(call: Call, now: Date) {
  if (isLive(call)) return STATUSES[call.status as keyof typeof STATUSES];
  if (call.needs_callback) return isClaimed(call, now) ? WAITING.claimed : WAITING.needs_callback;
  const outcome = OUTCOMES[call.outcome as keyof typeof OUTCOMES];
  return outcome ?? STATUSES[call.status as keyof typeof STATUSES] ?? STATUSES.completed;
}
