/** What stands in a conversation, from top to bottom: days, messages, notes of the team, and what is on its way. */
import type { Message, ThreadNote } from '@/api/types';
import type { Pending } from './outbox';

export type Line =
  | { kind: 'day'; key: string; at: string }
  | {
      kind: 'message';
      key: string;
      message: Message;
      /** Who wrote it, and when the one before is not of the same. */
      first: boolean;
    }
  | { kind: 'note'; key: string; note: ThreadNote }
  | { kind: 'pending'; key: string; pending: Pending };

interface Parts {
  /** The oldest first. */
  messages: readonly Message[];
  notes: readonly ThreadNote[];
  pending: readonly Pending[];
  /** Nothing is older than these messages. */
  whole: boolean;
  /** The day of a moment, by the business's clock. */
  dayOf: (at: string) => string;
}

const sameSide = (a: Message, b: Message) =>
  a.direction === b.direction && a.source === b.source && a.author_id === b.author_id;

/** Notes stand where they were written; those older than what is loaded wait for it. */
export function linesOf({ messages, notes, pending, whole, dayOf }: Parts): Line[] {
  const from = messages[0]?.created_at ?? '';
  const waiting = notes
    .filter(({ created_at }) => whole || created_at >= from)
    .sort((a, b) => a.created_at.localeCompare(b.created_at));
  const lines: Line[] = [];
  let day = '';
  let last: Message | null = null;
  const dayLine = (at: string) => {
    const next = dayOf(at);
    if (next === day) return;
    day = next;
    last = null;
    lines.push({ kind: 'day', key: `day ${next} ${lines.length}`, at });
  };
  const noteLine = (note: ThreadNote) => {
    dayLine(note.created_at);
    lines.push({ kind: 'note', key: `note ${note.id}`, note });
    last = null;
  };
  for (const message of messages) {
    while (waiting[0] && waiting[0].created_at < message.created_at) noteLine(waiting.shift() as ThreadNote);
    dayLine(message.at);
    lines.push({
      kind: 'message',
      key: `message ${message.id}`,
      message,
      first: last === null || !sameSide(last, message),
    });
    last = message;
  }
  for (const note of waiting) noteLine(note);
  for (const one of pending) {
    dayLine(one.at);
    lines.push({ kind: 'pending', key: one.key, pending: one });
  }
  return lines;
}
