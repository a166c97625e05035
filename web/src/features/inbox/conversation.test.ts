import { describe, expect, it } from 'vitest';
import type { Message, ThreadNote } from '@/api/types';
import { listed, message, thread } from '@/test/server';
import { type Chat, newestOf, withNewest, withOlder } from './chat-cache';
import { asked, readInbox } from './filters';
import { linesOf } from './lines';
import { cannedFor, peopleFor } from './suggestions';
import { filled, placesOf } from './template-text';
import { windowOf } from './window';

const page = (ids: number[], next_cursor: string | null) => ({
  ...listed<Message>(...ids.map((id) => message({ id }))),
  next_cursor,
});
const idsOf = (chat: Chat) => chat.messages.map(({ id }) => id);

describe('messages that are kept', () => {
  it('stand from the oldest to the newest', () => {
    expect(idsOf(withNewest(undefined, page([3, 2, 1], null)))).toEqual([1, 2, 3]);
    expect(newestOf(undefined)).toBe(0);
    expect(newestOf(withNewest(undefined, page([3, 2, 1], null)))).toBe(3);
  });

  it('reach back to where one has scrolled when new ones come', () => {
    const whole = withOlder(withNewest(undefined, page([5, 4], 'a')), page([3, 2], 'b'));
    const later = withNewest(whole, page([6, 5], 'c'));
    expect(idsOf(later)).toEqual([2, 3, 4, 5, 6]);
    expect(later.older).toBe('b');
  });

  it('begin anew where something is missing between', () => {
    const before = withNewest(undefined, page([5, 4], 'a'));
    const later = withNewest(before, page([90, 89], 'b'));
    expect(idsOf(later)).toEqual([89, 90]);
    expect(later.older).toBe('b');
  });

  it('of a page that came twice are kept once', () => {
    const chat = withNewest(undefined, page([5, 4], 'a'));
    expect(idsOf(withOlder(withOlder(chat, page([3, 2], 'b')), page([3, 2], 'b')))).toEqual([2, 3, 4, 5]);
  });
});

describe('lines of a conversation', () => {
  const dayOf = (at: string) => at.slice(0, 10);
  const on = (id: number, at: string, more: Partial<Message> = {}) =>
    message({ id, at, created_at: at, ...more });
  const note = (created_at: string): ThreadNote => ({
    id: 1,
    thread_id: 5,
    author_id: 2,
    text: 'לבדוק',
    mentions: [],
    created_at,
  });

  it('begin each day with its name, and say once who writes', () => {
    const lines = linesOf({
      messages: [
        on(1, '2026-11-19T08:00:00Z'),
        on(2, '2026-11-20T08:00:00Z'),
        on(3, '2026-11-20T08:01:00Z'),
        on(4, '2026-11-20T08:02:00Z', { direction: 'out', source: 'agent' }),
      ],
      notes: [],
      pending: [],
      whole: true,
      dayOf,
    });
    expect(
      lines.map((line) => (line.kind === 'message' ? `${line.message.id} ${line.first}` : line.kind)),
    ).toEqual(['day', '1 true', 'day', '2 true', '3 false', '4 true']);
  });

  it('have notes where they were written, and those of what is not loaded later', () => {
    const parts = {
      messages: [on(2, '2026-11-20T08:00:00Z'), on(3, '2026-11-20T09:00:00Z')],
      pending: [],
      dayOf,
    };
    const kinds = (notes: ThreadNote[], whole: boolean) =>
      linesOf({ ...parts, notes, whole }).map(({ kind }) => kind);
    expect(kinds([note('2026-11-20T08:30:00Z')], false)).toEqual(['day', 'message', 'note', 'message']);
    expect(kinds([note('2026-11-20T07:00:00Z')], false)).toEqual(['day', 'message', 'message']);
    expect(kinds([note('2026-11-20T07:00:00Z')], true)).toEqual(['day', 'note', 'message', 'message']);
  });
});

describe('the window for free text', () => {
  const now = new Date('2026-11-20T20:00:00Z');
  const official = (last_inbound_at: string, open_providers = ['baileys', 'twilio']) =>
    thread({ provider: 'twilio', last_inbound_at, open_providers });

  it('is told of when it closes soon', () => {
    expect(windowOf(official('2026-11-20T08:00:00Z'), ['twilio'], now)).toEqual({ state: 'open' });
    expect(windowOf(official('2026-11-19T22:00:00Z'), ['twilio'], now)).toEqual({
      state: 'closing',
      left_ms: 2 * 3_600_000,
    });
    expect(windowOf(official('2026-11-19T10:00:00Z', ['baileys']), ['twilio'], now)).toEqual({
      state: 'closed',
    });
  });

  it('never closes where a phone is linked, and there is none where nothing is connected', () => {
    expect(windowOf(official('2026-11-01T10:00:00Z', ['baileys']), ['twilio', 'baileys'], now)).toEqual({
      state: 'open',
    });
    expect(windowOf(official('2026-11-20T10:00:00Z'), [], now)).toEqual({ state: 'none' });
  });
});

it('a template takes each of its values once, numbered from one', () => {
  expect(placesOf('שלום {{1}}, {{name}} ושוב {{1}}')).toEqual(['1', 'name']);
  expect(placesOf('שלום {0}')).toEqual(['1']);
  expect(filled('שלום {{1}}, {0} {x}', { 1: 'דנה' })).toBe('שלום דנה, דנה {x}');
  expect(filled('שלום {{1}}', {})).toBe('שלום {{1}}');
});

it('canned replies are offered after a slash at the beginning only', () => {
  const reply = (id: number, shortcut: string, text: string) => ({
    id,
    business_id: 1,
    shortcut,
    text,
    created_at: '',
    updated_at: '',
  });
  const replies = [reply(1, 'מחירון', 'המחירים שלנו'), reply(2, 'כתובת', 'הרצל 12')];
  expect(cannedFor(replies, '/', 1)).toHaveLength(2);
  expect(cannedFor(replies, '/כת', 3).map(({ text }) => text)).toEqual(['הרצל 12']);
  expect(cannedFor(replies, 'מחיר 5/כת', 9)).toEqual([]);
  expect(peopleFor([{ id: 1, name: 'דנה לוי' }], 'לשאול את @דנ', 12)).toMatchObject([
    { label: 'דנה לוי', text: 'לשאול את @דנה לוי ' },
  ]);
});

it('what the address says of the list is asked of the server', () => {
  const search = readInbox({ thread: '5', whose: 'mine', status: 'snoozed', unread: 'true', q: 972 });
  expect(search).toEqual({ thread: 5, whose: 'mine', status: 'snoozed', unread: true, q: '972' });
  expect(asked(search, 2)).toEqual({ snoozed: 'true', assignee_id: '2', unread: 'true', q: '972' });
  expect(asked(readInbox({ thread: 'x', status: 'nonsense' }), 2)).toEqual({ snoozed: 'false' });
});
