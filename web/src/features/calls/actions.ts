/** What one can do with a call. Each refreshes the calls it touched. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { say, useSayProblem } from '@/components/ui/toast';

function useRefreshCalls() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.calls.all });
}

const onCall = (id: number) => ({ params: { path: { id: String(id) } } });

export function useClaim() {
  const { t } = useTranslation();
  const refresh = useRefreshCalls();
  const onError = useSayProblem();
  return useMutation({
    mutationFn: (id: number) => take(api.POST('/api/calls/{id}/claim', onCall(id))),
    onSuccess: () => say(t('calls.claimed')),
    onError,
    onSettled: refresh,
  });
}

/** Done with; for some seconds that is taken back. Nobody's bell counts it any more. */
export function useHandle() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const refreshCalls = useRefreshCalls();
  const onError = useSayProblem();
  const refresh = () => {
    void client.invalidateQueries({ queryKey: keys.notifications.all });
    return refreshCalls();
  };
  const unhandle = useMutation({
    mutationFn: (id: number) => take(api.POST('/api/calls/{id}/unhandle', onCall(id))),
    onSuccess: () => say(t('calls.waitsAgain')),
    onError,
    onSettled: refresh,
  });
  return useMutation({
    mutationFn: (id: number) => take(api.POST('/api/calls/{id}/handle', onCall(id))),
    onSuccess: (_, id) => say(t('calls.handled'), () => unhandle.mutate(id)),
    onError,
    onSettled: refresh,
  });
}

/** Rings one's own phone first, then the customer. */
export function useDial() {
  const { t } = useTranslation();
  const refresh = useRefreshCalls();
  const onError = useSayProblem();
  return useMutation({
    mutationFn: (body: { customer_id: number } | { to: string }) => take(api.POST('/api/calls', { body })),
    onSuccess: () => say(t('calls.dialing')),
    onError,
    onSettled: refresh,
  });
}

export function useHangUp(id: number) {
  const { t } = useTranslation();
  const refresh = useRefreshCalls();
  const onError = useSayProblem();
  return useMutation({
    mutationFn: () => take(api.POST('/api/calls/{id}/hangup', onCall(id))),
    onSuccess: () => say(t('calls.live.hungUp')),
    onError,
    onSettled: refresh,
  });
}

export function useTakeOver(id: number) {
  const { t } = useTranslation();
  const onError = useSayProblem();
  return useMutation({
    mutationFn: () => take(api.POST('/api/calls/{id}/transfer', { ...onCall(id), body: {} })),
    onSuccess: () => say(t('calls.live.takenOver')),
    onError,
  });
}

export function useWhisper(id: number) {
  const { t } = useTranslation();
  const onError = useSayProblem();
  return useMutation({
    mutationFn: (text: string) =>
      take(api.POST('/api/calls/{id}/whisper', { ...onCall(id), body: { text } })),
    onSuccess: () => say(t('calls.live.whispered')),
    onError,
  });
}

export function useLink(id: number) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const onError = useSayProblem();
  const refresh = () => {
    void client.invalidateQueries({ queryKey: keys.calls.all });
    void client.invalidateQueries({ queryKey: keys.customers.all });
  };
  const unlink = useMutation({
    mutationFn: (_before: number) => take(api.POST('/api/calls/{id}/unlink', onCall(id))),
    onSuccess: (_, before) => say(t('calls.about.unlinked'), () => link.mutate({ customer: before })),
    onError,
    onSettled: refresh,
  });
  const link = useMutation({
    mutationFn: ({ customer }: { customer: number; name?: string }) =>
      take(api.POST('/api/calls/{id}/link', { ...onCall(id), body: { customer_id: customer } })),
    onSuccess: (_, { customer, name }) => {
      if (name) say(t('calls.about.linked', { name }), () => unlink.mutate(customer));
    },
    onError,
    onSettled: refresh,
  });
  return { link, unlink };
}
