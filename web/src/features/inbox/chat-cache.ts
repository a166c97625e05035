/** The messages of a conversation as they are kept here: from the newest back to where one has scrolled. */
import type { Listed, Message } from '@/api/types';

export interface Chat {
  /** The oldest first. */
  messages: readonly Message[];
  /** The cursor to what is older; null at the beginning of the conversation. */
  older: string | null;
}

/** The newest page over what was there. Older pages stay where nothing is missing between. */
export function withNewest(before: Chat | undefined, page: Listed<Message>): Chat {
  const newest = [...page.results].reverse();
  const older = page.next_cursor ?? null;
  const from = newest[0]?.id;
  if (!before || older === null || from === undefined) return { messages: newest, older };
  const touches = before.messages.some(({ id }) => id >= from);
  const kept = before.messages.filter(({ id }) => id < from);
  if (!touches || kept.length === 0) return { messages: newest, older };
  return { messages: [...kept, ...newest], older: before.older };
}

/** A page of older messages before what was there. */
export function withOlder(before: Chat, page: Listed<Message>): Chat {
  const from = before.messages[0]?.id ?? Number.POSITIVE_INFINITY;
  const added = [...page.results].reverse().filter(({ id }) => id < from);
  return { messages: [...added, ...before.messages], older: page.next_cursor ?? null };
}

/** The newest message on the screen; 0 when there is none. */
export function newestOf(chat: Chat | undefined): number {
  return chat?.messages.at(-1)?.id ?? 0;
}
