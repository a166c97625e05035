/** `@` and a name: what one is typing, and what a note says. */

export interface Person {
  id: number;
  name: string;
}

const MOST_OFFERED = 6;

/** The name that is being typed after the last `@` before the caret. */
export function typedMention(text: string, caret: number): { from: number; typed: string } | null {
  const found = /(?:^|\s)@([^\s@]*(?: [^\s@]*)?)$/u.exec(text.slice(0, caret));
  if (!found) return null;
  const typed = found[1] ?? '';
  return { from: caret - typed.length - 1, typed };
}

export function suggested(people: readonly Person[], typed: string): Person[] {
  const wanted = typed.trim().toLowerCase();
  return people.filter(({ name }) => ` ${name.toLowerCase()}`.includes(` ${wanted}`)).slice(0, MOST_OFFERED);
}

/** Those whose names stand after an `@` in the text. */
export function mentioned(people: readonly Person[], text: string): number[] {
  const names = inPieces(people, text).filter(({ mention }) => mention);
  const ids = names.flatMap((piece) => people.filter(({ name }) => piece.text === `@${name}`));
  return [...new Set(ids.map(({ id }) => id))];
}

/** A text in pieces, of which the mentions are told apart. */
export function inPieces(
  people: readonly Person[],
  text: string,
): { text: string; at: number; mention: boolean }[] {
  const names = people.map(({ name }) => name).sort((a, b) => b.length - a.length);
  const pieces: { text: string; at: number; mention: boolean }[] = [];
  let plain = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const name = names.find((one) => text.startsWith(one, at + 1));
    if (!name) continue;
    if (at > plain) pieces.push({ text: text.slice(plain, at), at: plain, mention: false });
    pieces.push({ text: `@${name}`, at, mention: true });
    plain = at + 1 + name.length;
  }
  if (plain < text.length) pieces.push({ text: text.slice(plain), at: plain, mention: false });
  return pieces;
}
