/** What is done to a deal. What the board shows changes at once, and is taken back when the server refuses. */
import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { Deal, DealBoard } from '@/api/types';
import { say, sayProblem } from '@/components/ui/toast';
import { moved, neighbours, type Place, placeOf, taken } from './board-state';

const BOARDS = { queryKey: ['deals', 'board'] };
const at = (deal: Pick<Deal, 'id'>) => ({ params: { path: { id: deal.id } } });

type Boards = [readonly unknown[], DealBoard | undefined][];

/** Changes every board that is loaded; the answer takes it back. */
async function onBoards(client: QueryClient, change: (board: DealBoard) => DealBoard): Promise<Boards> {
  await client.cancelQueries(BOARDS);
  const before = client.getQueriesData<DealBoard>(BOARDS);
  client.setQueriesData<DealBoard>(BOARDS, (board) => board && change(board));
  return before;
}

function useShared() {
  const { t } = useTranslation();
  const client = useQueryClient();
  return {
    client,
    onError: (error: unknown, _: unknown, context: { before: Boards } | undefined) => {
      for (const [key, board] of context?.before ?? []) client.setQueryData(key, board);
      sayProblem(t, error);
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.customers.all });
      return client.invalidateQueries({ queryKey: keys.deals.all });
    },
  };
}

interface Move {
  deal: Deal;
  board: DealBoard;
  place: Place;
  undoing?: boolean;
}

export function useMove() {
  const { t } = useTranslation();
  const { client, ...shared } = useShared();
  const mutation = useMutation({
    ...shared,
    scope: { id: 'deal-move' },
    mutationFn: ({ deal, board, place }: Move) =>
      take(api.POST('/api/deals/{id}/move', { ...at(deal), body: neighbours(board, deal.id, place) })),
    onMutate: async ({ deal, place }) => ({
      before: await onBoards(client, (board) => moved(board, deal, place)),
    }),
    onSuccess: (_, { deal, board, place, undoing }) => {
      const from = placeOf(board, deal.id);
      if (undoing || !from || from.stage === place.stage) return;
      const stage = board.stages.find(({ id }) => id === place.stage)?.name ?? '';
      const back = () =>
        mutation.mutate({ deal, board: moved(board, deal, place), place: from, undoing: true });
      say(t('deals.moved', { title: deal.title, stage }), back);
    },
  });
  return mutation;
}

export function useReopen() {
  const { t } = useTranslation();
  const { client: _client, ...shared } = useShared();
  return useMutation({
    ...shared,
    mutationFn: (deal: Deal) => take(api.POST('/api/deals/{id}/reopen', at(deal))),
    onSuccess: ({ title }) => say(t('deals.reopened', { title })),
  });
}

export function useWin() {
  const { t } = useTranslation();
  const { client, ...shared } = useShared();
  const reopen = useReopen();
  return useMutation({
    ...shared,
    mutationFn: (deal: Deal) => take(api.POST('/api/deals/{id}/win', at(deal))),
    onMutate: async (deal) => ({ before: await onBoards(client, (board) => taken(board, deal)) }),
    onSuccess: (deal) => say(t('deals.wonDone', { title: deal.title }), () => reopen.mutate(deal)),
  });
}

export function useLose() {
  const { t } = useTranslation();
  const { client, ...shared } = useShared();
  const reopen = useReopen();
  return useMutation({
    ...shared,
    mutationFn: ({ deal, reason }: { deal: Deal; reason: string }) =>
      take(api.POST('/api/deals/{id}/lose', { ...at(deal), body: { reason } })),
    onMutate: async ({ deal }) => ({ before: await onBoards(client, (board) => taken(board, deal)) }),
    onSuccess: (deal) => say(t('deals.lostDone', { title: deal.title }), () => reopen.mutate(deal)),
  });
}

export function useRemove() {
  const { t } = useTranslation();
  const { client, ...shared } = useShared();
  return useMutation({
    ...shared,
    mutationFn: (deal: Deal) => take(api.DELETE('/api/deals/{id}', at(deal))),
    onMutate: async (deal) => ({ before: await onBoards(client, (board) => taken(board, deal)) }),
    onSuccess: (_, { title }) => say(t('deals.deleted', { title })),
  });
}
