/** What one does with a conversation. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { Message, Thread, ThreadChange } from '@/api/types';
import { say, useSayProblem } from '@/components/ui/toast';

const onThread = (id: number) => ({ params: { path: { id } } });

interface Change {
  change: ThreadChange;
  /** What is said once it is done. */
  done?: string;
  /** It takes something back. */
  undoing?: boolean;
}

/** Shown at once; what was said can be taken back. */
export function useChangeThread(id: number) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const onError = useSayProblem();
  const key = keys.threads.one(id);
  const mutation = useMutation({
    mutationFn: ({ change }: Change) =>
      take(api.PATCH('/api/crm/threads/{id}', { ...onThread(id), body: change })),
    onMutate: async ({ change }) => {
      await client.cancelQueries({ queryKey: key });
      const before = client.getQueryData<Thread>(key);
      if (before) client.setQueryData<Thread>(key, { ...before, ...change } as Thread);
      return { before };
    },
    onSuccess: (after, { change, done, undoing }, { before }) => {
      client.setQueryData(key, after);
      if (undoing) say(t('inbox.undone'));
      else if (done && before) {
        const back = Object.fromEntries(
          Object.keys(change).map((field) => [field, before[field as keyof Thread] ?? null]),
        ) as ThreadChange;
        say(done, () => mutation.mutate({ change: back, undoing: true }));
      }
    },
    onError: (error, _, context) => {
      if (context?.before) client.setQueryData(key, context.before);
      onError(error);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.threads.all }),
  });
  return mutation;
}

export function useMarkRead(id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => take(api.POST('/api/crm/threads/{id}/read', onThread(id))),
    onSuccess: (thread) => {
      client.setQueryData(keys.threads.one(id), thread);
      void client.invalidateQueries({ queryKey: keys.threads.lists });
    },
  });
}

export function useRetry(thread: number) {
  const client = useQueryClient();
  const onError = useSayProblem();
  return useMutation({
    // Of what may have gone, a person decides.
    mutationFn: ({ id, status }: Message) =>
      take(
        api.POST('/api/whatsapp/messages/{id}/retry', {
          params: { path: { id }, query: status === 'unknown' ? { unknown: 'true' } : {} },
        }),
      ),
    onError,
    onSettled: () => client.invalidateQueries({ queryKey: keys.messages.ofThread(thread) }),
  });
}

export function useWriteNote(thread: number) {
  const client = useQueryClient();
  const onError = useSayProblem();
  return useMutation({
    mutationFn: (body: { text: string; mentions: number[] }) =>
      take(api.POST('/api/crm/threads/{id}/notes', { ...onThread(thread), body })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.threads.notes(thread) }),
    onError,
  });
}

/** Nothing of a private chat is kept: what there is, is erased. */
export function useMakePrivate(onDone: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const onError = useSayProblem();
  return useMutation({
    mutationFn: (thread: number) => take(api.POST('/api/whatsapp/private', { body: { thread_id: thread } })),
    onSuccess: async (_, thread) => {
      say(t('inbox.private.done'));
      onDone();
      client.removeQueries({ queryKey: keys.threads.one(thread) });
      client.removeQueries({ queryKey: keys.messages.ofThread(thread) });
      await client.invalidateQueries({ queryKey: keys.threads.lists });
    },
    onError,
  });
}

/** Others see for some seconds that one writes. */
const TELL_EVERY_MS = 3_000;

export function useTellTyping(thread: number): () => void {
  const told = useRef(0);
  return useCallback(() => {
    const now = Date.now();
    if (now - told.current < TELL_EVERY_MS) return;
    told.current = now;
    // That it did not arrive is nobody's concern.
    void api.POST('/api/crm/threads/{id}/typing', onThread(thread)).catch(() => {});
  }, [thread]);
}
