/** The settings of one's own business: read by several pages, changed field by field. */
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, takeWithTag } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import type { Settings, SettingsChange } from '@/api/types';
import { say, sayProblem } from '@/components/ui/toast';
import { useSession } from './session';

interface Versioned {
  body: Settings;
  etag: string | null;
}

interface Save {
  change: SettingsChange;
  /** It takes something back, and is not to be taken back itself. */
  undoing?: boolean;
  /** Nothing is said; the page itself shows what happened. */
  quiet?: boolean;
}

export const settingsQuery = (business: number) =>
  queryOptions({
    queryKey: keys.settings(business),
    queryFn: () =>
      takeWithTag(api.GET('/api/businesses/{id}/settings', { params: { path: { id: business } } })),
  });

export function useSettings() {
  const { business } = useSession();
  return useQuery(settingsQuery(business.id));
}

/** What the mentioned fields held before. */
function former(settings: Settings, change: SettingsChange): SettingsChange {
  const { answer_policy = 'off', away_text = null } = settings.whatsapp ?? {};
  // The provider and the link have operations of their own.
  const held = { ...settings, whatsapp: { answer_policy, away_text } };
  const fields = Object.keys(change) as (keyof Settings)[];
  return Object.fromEntries(fields.map((field) => [field, held[field] ?? null]));
}

/** Saves some fields, shown at once, one change after the other; each can be taken back for some seconds. */
export function useSaveSettings() {
  const { t } = useTranslation();
  const { business } = useSession();
  const client = useQueryClient();
  const key = keys.settings(business.id);
  const mutation = useMutation({
    scope: { id: 'settings' },
    mutationFn: ({ change }: Save) => {
      const etag = client.getQueryData<Versioned>(key)?.etag;
      return takeWithTag(
        api.PATCH('/api/businesses/{id}/settings', {
          params: { path: { id: business.id } },
          body: change,
          headers: etag ? { 'If-Match': etag } : {},
        }),
      );
    },
    onMutate: async ({ change }) => {
      await client.cancelQueries({ queryKey: key });
      const before = client.getQueryData<Versioned>(key);
      if (before)
        client.setQueryData<Versioned>(key, { ...before, body: { ...before.body, ...change } as Settings });
      return { before };
    },
    onSuccess: (after, { change, undoing, quiet }, { before }) => {
      client.setQueryData(key, after);
      const undo = before && !undoing ? { change: former(before.body, change), undoing: true } : undefined;
      if (!quiet)
        say(undoing ? t('business.undone') : t('business.saved'), undo && (() => mutation.mutate(undo)));
      if (change.name !== undefined) void client.invalidateQueries({ queryKey: keys.session });
    },
    onError: (error, _, context) => {
      if (context?.before) client.setQueryData(key, context.before);
      const atField = isProblem(error) && (error.fields.size > 0 || error.status === 409);
      if (!atField) sayProblem(t, error);
      if (isProblem(error) && error.status === 412) void client.invalidateQueries({ queryKey: key });
    },
  });
  return mutation;
}
