/**
 * What each realtime event does to what is cached. This is the only place that knows the events: pages read queries.
 */
import type { QueryClient } from '@tanstack/react-query';
import { keys } from '@/api/keys';
import { endSession } from '@/api/over';
import type { Bulk, CallDetail, Import, Message } from '@/api/types';
import { isOver } from '@/api/work';
import { addRing, type Ring } from './rings';

/** Words of a running call. A later one of the same turn and speaker replaces the earlier one. */
export interface Spoken {
  turn_id: number;
  speaker: 'caller' | 'agent';
  text: string;
  final: boolean;
}

/** Loudness between 0 and 1. */
export interface Level {
  caller: number;
  agent: number;
}

interface CallEvent {
  call_id: number;
  status: string;
}

interface MessageEvent {
  thread_id: number;
  message_id: number;
  customer_id?: number | null;
}

const MOST_SPOKEN = 400;

type Handlers = Record<string, (client: QueryClient, payload: never) => void>;

export const EVENTS: Handlers = {
  'call:started': (client, event: CallEvent) => callChanged(client, event),
  'call:updated': (client, event: CallEvent) => callChanged(client, event),
  'call:ended': (client, event: CallEvent) => {
    client.setQueryData<CallDetail>(keys.calls.one(event.call_id), (call) =>
      call ? { ...call, status: event.status } : call,
    );
    callChanged(client, event);
    void client.invalidateQueries({ queryKey: keys.customers.all });
    void client.invalidateQueries({ queryKey: keys.tasks.all });
  },
  'call:turn': (client, event: Spoken & { call_id: number }) => {
    client.setQueryData<Spoken[]>(keys.calls.spoken(event.call_id), (before = []) => heard(before, event));
    // A finished turn brings its timings and what was noted from it.
    if (event.final) void client.invalidateQueries({ queryKey: keys.calls.one(event.call_id) });
  },
  'call:level': (client, event: Level & { call_id: number }) => {
    client.setQueryData<Level>(keys.calls.level(event.call_id), { caller: event.caller, agent: event.agent });
  },
  'customer:updated': (client) => {
    void client.invalidateQueries({ queryKey: keys.customers.all });
    void client.invalidateQueries({ queryKey: keys.calls.waiting });
  },
  'import:progress': (client, event: Progress & { import_id: number }) => {
    progressed<Import>(client, keys.imports.one(event.import_id), event);
    if (isOver(event)) void client.invalidateQueries({ queryKey: keys.imports.all });
  },
  'bulk:progress': (client, event: Progress & { bulk_id: number }) =>
    progressed<Bulk>(client, keys.bulk(event.bulk_id), event),
  'export:progress': (client) => void client.invalidateQueries({ queryKey: keys.exports }),
  'message:new': (client, event: MessageEvent) => {
    messagesChanged(client, event);
    void client.invalidateQueries({ queryKey: keys.threads.lists });
    void client.invalidateQueries({ queryKey: keys.threads.one(event.thread_id) });
    if (event.customer_id)
      void client.invalidateQueries({ queryKey: keys.customers.timeline(event.customer_id) });
  },
  'message:status': (client, event: MessageEvent & { status: string }) => {
    statusChanged(client, event);
    // Times and explanations come with what is fetched.
    if (event.status === 'failed' || event.status === 'unknown') messagesChanged(client, event);
  },
  'message:updated': (client, event: MessageEvent) => messagesChanged(client, event),
  'thread:updated': (client, event: { thread_id: number }) => {
    void client.invalidateQueries({ queryKey: keys.threads.lists });
    void client.invalidateQueries({ queryKey: keys.threads.one(event.thread_id) });
    void client.invalidateQueries({ queryKey: keys.threads.notes(event.thread_id) });
  },
  'thread:typing': (client, event: { thread_id: number; user_id: number }) => {
    client.setQueryData<Record<number, number>>(keys.typing(event.thread_id), (before = {}) => ({
      ...before,
      [event.user_id]: Date.now(),
    }));
  },
  'task:updated': (client) => tasksChanged(client),
  'deal:updated': (client) => {
    void client.invalidateQueries({ queryKey: keys.deals.all });
  },
  'pipeline:updated': (client) => {
    void client.invalidateQueries({ queryKey: keys.deals.all });
  },
  'user:updated': (client) => {
    void client.invalidateQueries({ queryKey: keys.users });
  },
  'business:updated': (client, event: { business_id: number }) => {
    void client.invalidateQueries({ queryKey: keys.session });
    // What is being saved from here comes with the answer.
    if (client.isMutating() > 0) return;
    void client.invalidateQueries({ queryKey: keys.settings(event.business_id) });
    void client.invalidateQueries({ queryKey: keys.modules(event.business_id) });
  },
  'task:due': (client, event: Ring) => {
    client.setQueryData<Ring[]>(keys.tasks.ringing, (before = []) => addRing(before, event));
    tasksChanged(client);
  },
  'notifications:read': (client) => notificationsChanged(client),
  'session:ended': () => endSession(),
  notification: (client) => {
    notificationsChanged(client);
    void client.invalidateQueries({ queryKey: keys.calls.waiting });
    tasksChanged(client);
  },
};

/** How far work on many customers has come. */
interface Progress {
  done: number;
  rows: number;
  status: Bulk['status'];
}

/** Between two steps the figure moves by itself; the last word is fetched with all that came of it. */
function progressed<T extends Bulk | Import>(
  client: QueryClient,
  key: readonly unknown[],
  event: Progress,
): void {
  if (isOver(event)) {
    void client.invalidateQueries({ queryKey: key });
    void client.invalidateQueries({ queryKey: keys.customers.all });
    return;
  }
  const { status, done } = event;
  client.setQueryData<T>(key, (before) => {
    if (!before || isOver(before)) return before;
    return status === 'undoing' ? { ...before, status, undone: done } : { ...before, status, done };
  });
}

function messagesChanged(client: QueryClient, event: MessageEvent): void {
  void client.invalidateQueries({ queryKey: keys.messages.ofThread(event.thread_id) });
  void client.invalidateQueries({ queryKey: keys.messages.customers });
}

/** The ticks move at once; nothing else of the message is different. */
function statusChanged(client: QueryClient, event: MessageEvent & { status: string }): void {
  const queryKey = keys.messages.ofThread(event.thread_id);
  // What is on its way may have been read before this, and would put it back.
  if (client.isFetching({ queryKey }) > 0) {
    messagesChanged(client, event);
    return;
  }
  client.setQueryData<{ messages: readonly Message[] }>(queryKey, (chat) => {
    if (!chat) return chat;
    const messages = chat.messages.map((message) =>
      message.id === event.message_id ? { ...message, status: event.status } : message,
    );
    return { ...chat, messages };
  });
  void client.invalidateQueries({ queryKey: keys.messages.customers });
}

function callChanged(client: QueryClient, event: CallEvent): void {
  void client.invalidateQueries({
    queryKey: keys.calls.all,
    predicate: (query) => query.queryKey[1] !== 'one',
  });
  void client.invalidateQueries({ queryKey: keys.calls.one(event.call_id) });
}

function notificationsChanged(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: keys.notifications.all });
}

function tasksChanged(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: keys.tasks.all });
}

export function heard(before: readonly Spoken[], words: Spoken): Spoken[] {
  const { turn_id, speaker, final } = words;
  const at = before.findIndex((spoken) => spoken.turn_id === turn_id && spoken.speaker === speaker);
  const known = before[at];
  // Partial words that arrive after the final ones are late.
  if (known?.final && !final) return [...before];
  const next = { turn_id, speaker, text: known && !final ? grown(known, words.text) : words.text, final };
  const all = known ? before.map((spoken, index) => (index === at ? next : spoken)) : [...before, next];
  return all.slice(-MOST_SPOKEN);
}

/** The agent's words come sentence by sentence, the caller's each time from the beginning. */
function grown(known: Spoken, text: string): string {
  if (known.speaker === 'caller' || text.startsWith(known.text)) return text;
  return `${known.text} ${text}`;
}

/** After a gap nobody knows what was missed: everything on screen is fetched again. */
export function afterReconnect(client: QueryClient): void {
  void client.invalidateQueries();
}
