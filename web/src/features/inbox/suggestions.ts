/** What is offered while one writes: canned replies after `/`, and in a note the team's names after `@`. */
import type { CannedReply } from '@/api/types';
import { type Person, suggested, typedMention } from '@/components/mentions';

export interface Suggestion {
  key: string;
  label: string;
  hint?: string;
  /** The whole text with it, and where the caret stands then. */
  text: string;
  caret: number;
}

const MOST = 8;

/** A slash at the very beginning, and what is typed after it. */
export function typedShortcut(text: string, caret: number): string | null {
  return /^\/([^\s/]*)$/u.exec(text.slice(0, caret))?.[1] ?? null;
}

export function cannedFor(replies: readonly CannedReply[], text: string, caret: number): Suggestion[] {
  const typed = typedShortcut(text, caret);
  if (typed === null) return [];
  const wanted = typed.toLowerCase();
  const rest = text.slice(caret);
  return replies
    .filter((reply) => `${reply.shortcut} ${reply.text}`.toLowerCase().includes(wanted))
    .sort((a, b) => Number(b.shortcut.startsWith(typed)) - Number(a.shortcut.startsWith(typed)))
    .slice(0, MOST)
    .map((reply) => ({
      key: `canned ${reply.id}`,
      label: `/${reply.shortcut}`,
      hint: reply.text,
      text: reply.text + rest,
      caret: reply.text.length,
    }));
}

export function peopleFor(people: readonly Person[], text: string, caret: number): Suggestion[] {
  const typing = typedMention(text, caret);
  if (!typing) return [];
  return suggested(people, typing.typed).map(({ id, name }) => {
    const before = `${text.slice(0, typing.from)}@${name} `;
    return { key: `person ${id}`, label: name, text: before + text.slice(caret), caret: before.length };
  });
}
