/**
 * What one has written and the server has not taken yet. Each carries a key, so that what is sent again after a broken
 * connection is sent once. Messages of one conversation go one after the other.
 */
import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { type ApiProblem, isProblem } from '@/api/problem';
import type { SentMessage } from '@/api/types';
import { type Chat, newestOf } from './chat-cache';

export type Content =
  | { kind: 'text'; text: string }
  | { kind: 'file'; file: File; caption: string }
  | { kind: 'template'; template: string; language: string; variables: Record<string, string>; text: string };

export interface Pending {
  /** Sent along, so that the server does it once. */
  key: string;
  at: string;
  content: Content;
  reply_to: number | null;
  /** The newest message on the screen when it was sent. */
  seen: number;
  state: 'sending' | 'waiting';
}

/** What was not taken, and goes back to where it was written. */
export interface Refused {
  error: ApiProblem;
  content: Content;
  reply_to: number | null;
}

const outboxQuery = (thread: number) =>
  queryOptions({
    queryKey: keys.outbox(thread),
    queryFn: (): Pending[] => [],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    enabled: false,
    initialData: [],
  });

/** The newest message that this window sent or was told of: it is no surprise any more. */
function knownOf(client: QueryClient, thread: number): number {
  return client.getQueryData<number>(keys.known(thread)) ?? 0;
}

function know(client: QueryClient, thread: number, message: number): void {
  client.setQueryData<number>(keys.known(thread), (before = 0) => Math.max(message, before));
}

/** What somebody else answered meanwhile, as the refusal tells it. */
export interface Newer {
  id: number;
  text: string | null;
  kind: string;
  author_id: number | null;
  source: string;
}

export function newerOf(error: unknown): Newer | null {
  if (!isProblem(error, 'newer_message')) return null;
  return (error.document as { message?: Newer }).message ?? null;
}

function put(client: QueryClient, thread: number, change: (before: Pending[]) => Pending[]): void {
  client.setQueryData<Pending[]>(keys.outbox(thread), (before = []) => change(before));
}

const without = (key: string) => (before: Pending[]) => before.filter((one) => one.key !== key);
const as = (key: string, state: Pending['state']) => (before: Pending[]) =>
  before.map((one) => (one.key === key ? { ...one, state } : one));

/** The server is there and says no: trying again would change nothing. */
function isRefusal(error: unknown): error is ApiProblem {
  return isProblem(error) && error.status >= 400 && error.status < 500 && error.status !== 429;
}

export function useOutbox(thread: number) {
  const client = useQueryClient();
  const { data: pending } = useQuery(outboxQuery(thread));
  const [refused, setRefused] = useState<Refused | null>(null);
  const sending = useMutation({
    scope: { id: `send ${thread}` },
    networkMode: 'always',
    mutationFn: (one: Pending) => request(thread, one, knownOf(client, thread)),
    onSuccess: async (sent, one) => {
      know(client, thread, sent.id);
      await client.invalidateQueries({ queryKey: keys.messages.ofThread(thread) });
      put(client, thread, without(one.key));
      void client.invalidateQueries({ queryKey: keys.threads.all });
    },
    onError: async (error, one) => {
      if (isProblem(error, 'provider_rejected')) {
        // It stands in the conversation, with why it did not go.
        await client.invalidateQueries({ queryKey: keys.messages.ofThread(thread) });
        put(client, thread, without(one.key));
      } else if (isRefusal(error)) {
        put(client, thread, without(one.key));
        know(client, thread, newerOf(error)?.id ?? 0);
        setRefused({ error, content: one.content, reply_to: one.reply_to });
        void client.invalidateQueries({ queryKey: keys.messages.ofThread(thread) });
      } else {
        put(client, thread, as(one.key, 'waiting'));
      }
    },
  });
  const send = (content: Content, reply_to: number | null = null) => {
    const one: Pending = {
      key: crypto.randomUUID(),
      at: new Date().toISOString(),
      content,
      reply_to,
      seen: newestOf(client.getQueryData<Chat>(keys.messages.ofThread(thread))),
      state: 'sending',
    };
    setRefused(null);
    put(client, thread, (before) => [...before, one]);
    sending.mutate(one);
  };
  const again = (one: Pending) => {
    put(client, thread, as(one.key, 'sending'));
    sending.mutate(one);
  };
  return {
    pending,
    refused,
    send,
    again,
    discard: (one: Pending) => put(client, thread, without(one.key)),
    forgive: () => setRefused(null),
  };
}

async function request(thread: number, one: Pending, known: number): Promise<SentMessage> {
  const { content, reply_to } = one;
  const route = {
    thread_id: thread,
    after_message_id: Math.max(one.seen, known),
    ...(reply_to !== null && { reply_to }),
  };
  const params = { header: { 'Idempotency-Key': one.key } };
  if (content.kind === 'text') {
    return take(api.POST('/api/whatsapp/send', { params, body: { ...route, text: content.text } }));
  }
  if (content.kind === 'template') {
    const { template, language: lang, variables } = content;
    return take(
      api.POST('/api/whatsapp/send_template', {
        params,
        body: { ...route, template, lang, variables },
      }),
    );
  }
  const media_id = await uploaded(content.file, one.key);
  const caption = content.caption.trim();
  return take(
    api.POST('/api/whatsapp/send_media', {
      params,
      body: { ...route, media_id, ...(caption && { caption }) },
    }),
  );
}

async function uploaded(file: File, key: string): Promise<number> {
  const { id } = await take(
    api.POST('/api/files', {
      params: { header: { 'Idempotency-Key': `${key} file` } },
      body: { file: file as unknown as string },
      bodySerializer: () => {
        const form = new FormData();
        form.append('file', file);
        return form;
      },
    }),
  );
  return id;
}
