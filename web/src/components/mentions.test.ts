import { expect, it } from 'vitest';
import { inPieces, mentioned, suggested, typedMention } from './mentions';

const PEOPLE = [
  { id: 1, name: 'דנה' },
  { id: 2, name: 'דנה לוי' },
  { id: 3, name: 'Avi' },
];

it('a name is offered while it is typed after an @', () => {
  expect(typedMention('שלום @דנ', 8)).toEqual({ from: 5, typed: 'דנ' });
  expect(typedMention('avi@example.com', 15)).toBeNull();
  expect(suggested(PEOPLE, 'דנ').map(({ id }) => id)).toEqual([1, 2]);
  expect(suggested(PEOPLE, 'לו').map(({ id }) => id)).toEqual([2]);
});

it('a text is taken apart at its mentions, of two names at the longer one', () => {
  expect(inPieces(PEOPLE, 'עם @דנה לוי ו@Avi')).toEqual([
    { text: 'עם ', at: 0, mention: false },
    { text: '@דנה לוי', at: 3, mention: true },
    { text: ' ו', at: 11, mention: false },
    { text: '@Avi', at: 13, mention: true },
  ]);
});

it('who is mentioned is told by the names in the text', () => {
  expect(mentioned(PEOPLE, 'עם @דנה לוי')).toEqual([2]);
});
