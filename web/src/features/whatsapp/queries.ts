/** How the business is connected to WhatsApp, and the texts that it keeps. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { CannedReply, MessageTemplate } from '@/api/types';
import { say, useSayProblem } from '@/components/ui/toast';

const ASK_AGAIN_MS = 15_000;
const LINKING_MS = 2_000;
const MOST = 100;

/** Each provider's state; while somebody links a phone it is looked at often. */
export const statusQuery = (linking: boolean) =>
  queryOptions({
    queryKey: keys.whatsapp.status,
    queryFn: () => take(api.GET('/api/whatsapp/status')),
    refetchInterval: linking ? LINKING_MS : ASK_AGAIN_MS,
  });

export const providerQuery = queryOptions({
  queryKey: keys.whatsapp.provider,
  queryFn: () => take(api.GET('/api/whatsapp/provider')),
});

/** A code lasts some seconds; a new one is asked for when it has run out. */
export const qrQuery = queryOptions({
  queryKey: keys.whatsapp.qr,
  queryFn: () => take(api.GET('/api/whatsapp/qr')),
  refetchInterval: LINKING_MS,
  gcTime: 0,
});

export const privateQuery = queryOptions({
  queryKey: keys.whatsapp.private,
  queryFn: () => take(api.GET('/api/whatsapp/private', { params: { query: asQuery({ limit: MOST }) } })),
});

export const templatesQuery = queryOptions({
  queryKey: keys.templates,
  queryFn: () => take(api.GET('/api/whatsapp/templates', { params: { query: asQuery({ limit: MOST }) } })),
  select: (listed) => listed.results,
});

export const cannedQuery = queryOptions({
  queryKey: keys.cannedReplies,
  queryFn: () => take(api.GET('/api/canned_replies', { params: { query: asQuery({ limit: MOST }) } })),
  select: (listed) => listed.results,
});

export function useChooseProvider() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const onError = useSayProblem();
  return useMutation({
    mutationFn: (provider: string | null) => take(api.PUT('/api/whatsapp/provider', { body: { provider } })),
    onSuccess: (view) => {
      client.setQueryData(keys.whatsapp.provider, view);
      say(t('whatsapp.chosen'));
    },
    onError,
    onSettled: () => client.invalidateQueries({ queryKey: keys.whatsapp.all }),
  });
}

export function usePair() {
  return useMutation({
    mutationFn: (phone: string) => take(api.POST('/api/whatsapp/pair', { body: { phone, accepted: true } })),
  });
}

export function useUnlink() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const onError = useSayProblem();
  return useMutation({
    mutationFn: () => take(api.POST('/api/whatsapp/logout')),
    onSuccess: () => say(t('whatsapp.unlinked')),
    onError,
    onSettled: () => client.invalidateQueries({ queryKey: keys.whatsapp.all }),
  });
}

export function usePrivate() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const onError = useSayProblem();
  const onSettled = () => client.invalidateQueries({ queryKey: keys.whatsapp.private });
  const add = useMutation({
    mutationFn: (address: string) => take(api.POST('/api/whatsapp/private', { body: { address } })),
    onSuccess: () => {
      say(t('whatsapp.private.added'));
      void client.invalidateQueries({ queryKey: keys.threads.all });
    },
    onSettled,
  });
  const end = useMutation({
    mutationFn: (id: number) => take(api.DELETE('/api/whatsapp/private/{id}', { params: { path: { id } } })),
    onSuccess: () => say(t('whatsapp.private.ended')),
    onError,
    onSettled,
  });
  return { add, end };
}

interface TemplateFields {
  name: string;
  language: string;
  body: string;
  twilio_content_sid: string | null;
  meta_name: string | null;
}

export function useTemplates() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const onError = useSayProblem();
  const onSettled = () => client.invalidateQueries({ queryKey: keys.templates });
  const save = useMutation({
    mutationFn: ({ id, ...body }: TemplateFields & { id: number | null }) =>
      id === null
        ? take(api.POST('/api/whatsapp/templates', { body }))
        : take(api.PATCH('/api/whatsapp/templates/{id}', { params: { path: { id } }, body })),
    onSuccess: () => say(t('whatsapp.saved')),
    onSettled,
  });
  const again = useMutation({
    mutationFn: ({ name, language, body, twilio_content_sid = null, meta_name = null }: MessageTemplate) =>
      take(
        api.POST('/api/whatsapp/templates', {
          body: { name, language, body, twilio_content_sid, meta_name },
        }),
      ),
    onError,
    onSettled,
  });
  const remove = useMutation({
    mutationFn: ({ id }: MessageTemplate) =>
      take(api.DELETE('/api/whatsapp/templates/{id}', { params: { path: { id } } })),
    onSuccess: (_, template) => say(t('whatsapp.deleted'), () => again.mutate(template)),
    onError,
    onSettled,
  });
  return { save, remove };
}

export function useCanned() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const onError = useSayProblem();
  const onSettled = () => client.invalidateQueries({ queryKey: keys.cannedReplies });
  const save = useMutation({
    mutationFn: ({ id, ...body }: { id: number | null; shortcut: string; text: string }) =>
      id === null
        ? take(api.POST('/api/canned_replies', { body }))
        : take(api.PATCH('/api/canned_replies/{id}', { params: { path: { id } }, body })),
    onSuccess: () => say(t('whatsapp.saved')),
    onSettled,
  });
  const again = useMutation({
    mutationFn: ({ shortcut, text }: CannedReply) =>
      take(api.POST('/api/canned_replies', { body: { shortcut, text } })),
    onError,
    onSettled,
  });
  const remove = useMutation({
    mutationFn: ({ id }: CannedReply) =>
      take(api.DELETE('/api/canned_replies/{id}', { params: { path: { id } } })),
    onSuccess: (_, reply) => say(t('whatsapp.deleted'), () => again.mutate(reply)),
    onError,
    onSettled,
  });
  return { save, remove };
}
