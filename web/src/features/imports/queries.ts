/** Bringing customers in from a file: what it holds, a trial, the import itself, and taking it back. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { Import } from '@/api/types';
import { isOver } from '@/api/work';

/** Progress is told by events; this is for when they do not arrive. */
const ASK_AGAIN_MS = 2_000;
const LISTED = 20;

export const importQuery = (id: number) =>
  queryOptions({
    queryKey: keys.imports.one(id),
    queryFn: () => take(api.GET('/api/crm/imports/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : ASK_AGAIN_MS),
  });

export const importsQuery = queryOptions({
  queryKey: keys.imports.list,
  queryFn: () => take(api.GET('/api/crm/imports', { params: { query: asQuery({ limit: LISTED }) } })),
});

/** The parts travel as a form; an absent one is left out. */
function asForm(parts: object): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(parts)) {
    if (value instanceof Blob) form.append(name, value);
    else if (value !== undefined) form.append(name, String(value));
  }
  return form;
}

export function usePreview() {
  return useMutation({
    mutationFn: (file: File) =>
      take(
        api.POST('/api/crm/customers/import/preview', {
          body: { file: file as unknown as string },
          bodySerializer: asForm,
        }),
      ),
  });
}

/** Column → field, or null for one that is left out. */
export type Mapping = Record<string, string | null>;

/** What is asked for with a file. */
export interface Choices {
  mapping: Mapping;
  overwrite: boolean;
  /** Of customers who are new and whose row says none. */
  new_status: string;
}

interface Wanted extends Choices {
  file: File;
  dry_run: boolean;
}

export function useStartImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ file, mapping, ...rest }: Wanted) =>
      take(
        api.POST('/api/crm/customers/import', {
          body: { file: file as unknown as string, mapping: JSON.stringify(mapping), ...rest },
          bodySerializer: asForm,
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: keys.imports.list }),
  });
}

export function useUndoImport(id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => take(api.POST('/api/crm/imports/{id}/undo', { params: { path: { id } } })),
    onSuccess: ({ status }) => {
      client.setQueryData<Import>(keys.imports.one(id), (before) => before && { ...before, status });
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.imports.all }),
  });
}
