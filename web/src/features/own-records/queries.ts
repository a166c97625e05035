/** What the owner adds to every customer: statuses and fields. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { OwnField } from '@/api/types';
import { say, sayProblem } from '@/components/ui/toast';

const MOST = 100;

export const statusesQuery = queryOptions({
  queryKey: keys.statuses,
  queryFn: () => take(api.GET('/api/customer_statuses')),
});

export const fieldsQuery = queryOptions({
  queryKey: keys.ownFields,
  queryFn: () => take(api.GET('/api/custom_fields', { params: { query: asQuery({ limit: MOST }) } })),
});

function useAfterwards(key: readonly unknown[]) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return {
    onError: (error: unknown) => sayProblem(t, error),
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  };
}

export function useAddStatus() {
  return useMutation({
    ...useAfterwards(keys.statuses),
    mutationFn: (body: { label: string; position: number }) =>
      take(api.POST('/api/customer_statuses', { body })),
  });
}

interface Change {
  id: number;
  label?: string;
  choices?: string[];
  archived?: boolean;
}

export function useChangeStatus() {
  const { t } = useTranslation();
  const mutation = useMutation({
    ...useAfterwards(keys.statuses),
    mutationFn: ({ id, ...body }: Change) =>
      take(api.PATCH('/api/customer_statuses/{id}', { params: { path: { id } }, body })),
    onSuccess: ({ label }, { id, archived }) => {
      if (archived)
        say(t('ownRecords.archivedDone', { label }), () => mutation.mutate({ id, archived: false }));
    },
  });
  return mutation;
}

export type Kind = 'text' | 'number' | 'date' | 'choice' | 'boolean';
export const KINDS: readonly Kind[] = ['text', 'number', 'date', 'choice', 'boolean'];

interface NewField {
  label: string;
  kind: Kind;
  choices: string[];
  position: number;
}

export function useAddField() {
  const { onSettled } = useAfterwards(keys.ownFields);
  return useMutation({
    onSettled,
    mutationFn: ({ choices, ...body }: NewField) =>
      take(api.POST('/api/custom_fields', { body: { ...body, ...(body.kind === 'choice' && { choices }) } })),
  });
}

export function useChangeField() {
  const { t } = useTranslation();
  const { onSettled } = useAfterwards(keys.ownFields);
  const mutation = useMutation({
    onSettled,
    mutationFn: ({ id, ...body }: Change) =>
      take(api.PATCH('/api/custom_fields/{id}', { params: { path: { id } }, body })),
    onSuccess: ({ label }: OwnField, { id, archived }) => {
      if (archived)
        say(t('ownRecords.archivedDone', { label }), () => mutation.mutate({ id, archived: false }));
    },
  });
  return mutation;
}

/** After the last one. */
export function nextPosition(rows: readonly { position: number }[]): number {
  return Math.max(0, ...rows.map(({ position }) => position)) + 1;
}
