/** What one began to write, by conversation, while the window stands. */
const drafts = new Map<number, string>();

export function draftOf(thread: number): string {
  return drafts.get(thread) ?? '';
}

export function keepDraft(thread: number, text: string): void {
  if (text) drafts.set(thread, text);
  else drafts.delete(thread);
}
