import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { describe, expect, it, vi } from 'vitest';
import { keys } from '@/api/keys';
import { call, message } from '@/test/server';
import { EVENTS, heard, type Spoken } from './events';

const words = (text: string, final: boolean): Spoken => ({ turn_id: 1, speaker: 'caller', text, final });

function tell(client: QueryClient, name: string, payload: object): void {
  EVENTS[name]?.(client, payload as never);
}

describe('words of a running call', () => {
  it('grow in their place', () => {
    const once = heard([], words('שלום', false));
    expect(heard(once, words('שלום רציתי', false))).toEqual([words('שלום רציתי', false)]);
  });

  it('of the agent grow by sentences, until the turn says what was really heard', () => {
    const agent = (text: string, final: boolean): Spoken => ({ turn_id: 1, speaker: 'agent', text, final });
    const two = heard(heard([], agent('נעים מאוד.', false)), agent('במה נוכל לעזור?', false));
    expect(two).toEqual([agent('נעים מאוד. במה נוכל לעזור?', false)]);
    expect(heard(two, agent('נעים מאוד. במה', true))).toEqual([agent('נעים מאוד. במה', true)]);
  });

  it('that are final are not undone by late partial ones', () => {
    const done = heard([], words('שלום לכם', true));
    expect(heard(done, words('שלום', false))).toEqual(done);
  });

  it('reach the page of that call only', () => {
    const client = new QueryClient();
    tell(client, 'call:turn', { call_id: 7, ...words('שלום', false) });
    expect(client.getQueryData(keys.calls.spoken(7))).toEqual([words('שלום', false)]);
    expect(client.getQueryData(keys.calls.spoken(8))).toBeUndefined();
  });
});

it('a call that ended is over on its page before anything is fetched', () => {
  const client = new QueryClient();
  client.setQueryData(keys.calls.one(7), call({ status: 'in-progress', ended_at: null }));
  tell(client, 'call:ended', { call_id: 7, status: 'completed' });
  expect(client.getQueryData(keys.calls.one(7))).toMatchObject({ status: 'completed' });
  expect(client.getQueryState(keys.calls.one(7))?.isInvalidated).toBe(true);
});

describe('a conversation', () => {
  it('shows at once that a message was read, and fetches nothing for it', () => {
    const client = new QueryClient();
    const sent = message({ id: 12, direction: 'out', status: 'delivered' });
    client.setQueryData(keys.messages.ofThread(5), { messages: [message(), sent], older: null });
    tell(client, 'message:status', { message_id: 12, thread_id: 5, status: 'read' });
    expect(client.getQueryData(keys.messages.ofThread(5))).toMatchObject({
      messages: [{ status: 'received' }, { status: 'read' }],
    });
    expect(client.getQueryState(keys.messages.ofThread(5))?.isInvalidated).toBe(false);
  });

  it('is not put back by an answer that was read before a status came', async () => {
    const client = new QueryClient();
    client.setQueryData(keys.messages.ofThread(5), { messages: [message()], older: null });
    const answers: ((status: string) => void)[] = [];
    const chat = new QueryObserver(client, {
      queryKey: keys.messages.ofThread(5),
      queryFn: () =>
        new Promise((answer) =>
          answers.push((status) => answer({ messages: [{ ...message({ id: 12 }), status }], older: null })),
        ),
    });
    const stop = chat.subscribe(() => {});
    tell(client, 'message:status', { message_id: 12, thread_id: 5, status: 'delivered' });
    answers[0]?.('sent');
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    answers[1]?.('delivered');
    await vi.waitFor(() =>
      expect(client.getQueryData(keys.messages.ofThread(5))).toMatchObject({
        messages: [{ status: 'delivered' }],
      }),
    );
    stop();
  });

  it('asks for the explanation of a message that failed', () => {
    const client = new QueryClient();
    client.setQueryData(keys.messages.ofThread(5), { messages: [message()], older: null });
    tell(client, 'message:status', { message_id: 11, thread_id: 5, status: 'failed' });
    expect(client.getQueryState(keys.messages.ofThread(5))?.isInvalidated).toBe(true);
  });

  it('that something was written in is fetched anew, with the list; others are not', () => {
    const client = new QueryClient();
    for (const id of [5, 6]) client.setQueryData(keys.messages.ofThread(id), { messages: [], older: null });
    client.setQueryData(keys.threads.list({}), {});
    tell(client, 'message:new', { message_id: 13, thread_id: 5, customer_id: 1 });
    expect(client.getQueryState(keys.messages.ofThread(5))?.isInvalidated).toBe(true);
    expect(client.getQueryState(keys.messages.ofThread(6))?.isInvalidated).toBe(false);
    expect(client.getQueryState(keys.threads.list({}))?.isInvalidated).toBe(true);
  });
});
