/** What businesses inherit that have no words of their own: how the agent behaves, and what callers hear first. */
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import { Button } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { Panel } from '@/components/ui/panel';
import { Refusal, SkeletonRows, Trouble } from '@/components/ui/states';
import { say } from '@/components/ui/toast';
import { useFormat, useNow } from '@/format/use-format';

const AGENT = 'agent';
const LANGUAGES = ['he-IL', 'en-US', 'ar-IL', 'ru-RU'] as const;

const promptQuery = queryOptions({
  queryKey: keys.platform.prompt(AGENT),
  queryFn: () => take(api.GET('/api/admin/prompts/{key}', { params: { path: { key: AGENT } } })),
});

const greetingsQuery = queryOptions({
  queryKey: keys.platform.greetings,
  queryFn: () => take(api.GET('/api/admin/greetings')),
});

export function Texts() {
  return (
    <>
      <Prompt />
      <Greetings />
    </>
  );
}

function Prompt() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const format = useFormat();
  const now = useNow();
  const prompt = useQuery(promptQuery);
  const [draft, setDraft] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: (text: string) =>
      take(
        api.PUT('/api/admin/prompts/{key}', {
          params: { path: { key: AGENT } },
          body: { text: text.trim() },
        }),
      ),
    onSuccess: (saved) => {
      client.setQueryData(keys.platform.prompt(AGENT), saved);
      setDraft(null);
      say(t('admin.texts.saved'));
    },
  });
  const kept = prompt.data?.text ?? '';
  return (
    <Text
      title={t('admin.texts.prompt')}
      lead={t('admin.texts.promptLead')}
      query={prompt}
      dirty={draft !== null && draft !== kept}
      busy={save.isPending}
      error={save.error}
      onSave={() => draft !== null && save.mutate(draft)}
      onDiscard={() => setDraft(null)}
      note={
        prompt.data?.updated_at
          ? t('admin.texts.changed', { when: format.when(prompt.data.updated_at, now) })
          : t('admin.texts.own')
      }
    >
      <TextField
        label={t('admin.texts.prompt')}
        labelHidden
        rows={8}
        maxLength={8_000}
        value={draft ?? kept}
        onChange={(event) => setDraft(event.target.value)}
      />
    </Text>
  );
}

function Greetings() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const greetings = useQuery(greetingsQuery);
  const [draft, setDraft] = useState<Record<string, string>>({});
  const kept = greetings.data?.greetings ?? {};
  const changed = Object.entries(draft).filter(([language, text]) => text !== (kept[language] ?? ''));
  const save = useMutation({
    mutationFn: () =>
      take(
        api.PUT('/api/admin/greetings', {
          body: { greetings: Object.fromEntries(changed.map(([key, text]) => [key, text.trim() || null])) },
        }),
      ),
    onSuccess: (saved) => {
      client.setQueryData(keys.platform.greetings, saved);
      setDraft({});
      say(t('admin.texts.saved'));
    },
  });
  return (
    <Text
      title={t('admin.texts.greetings')}
      lead={t('admin.texts.greetingsLead', { place: '{business}' })}
      query={greetings}
      dirty={changed.length > 0}
      busy={save.isPending}
      error={save.error}
      onSave={() => save.mutate()}
      onDiscard={() => setDraft({})}
    >
      {LANGUAGES.map((language) => (
        <TextField
          key={language}
          label={t(`admin.language.${language}`)}
          rows={2}
          maxLength={600}
          placeholder={t('admin.texts.usual')}
          value={draft[language] ?? kept[language] ?? ''}
          error={
            isProblem(save.error) && save.error.fields.has(`greetings.${language}`)
              ? t('problems.invalidField')
              : undefined
          }
          onChange={(event) => setDraft({ ...draft, [language]: event.target.value })}
        />
      ))}
    </Text>
  );
}

interface TextProps {
  title: string;
  lead: string;
  query: { isPending: boolean; isError: boolean; error: unknown; refetch: () => unknown };
  dirty: boolean;
  busy: boolean;
  error: unknown;
  onSave: () => void;
  onDiscard: () => void;
  note?: string;
  children: React.ReactNode;
}

function Text(props: TextProps) {
  const { title, lead, query, dirty, busy, error, onSave, onDiscard, note, children } = props;
  const { t } = useTranslation();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSave();
  };
  return (
    <Panel title={title}>
      {query.isPending && <SkeletonRows rows={2} />}
      {query.isError && <Trouble small error={query.error} onRetry={() => void query.refetch()} />}
      {!query.isPending && !query.isError && (
        <form onSubmit={submit} className="flex flex-col gap-4 px-5 pb-5">
          <p className="max-w-[70ch] text-cell text-muted">{lead}</p>
          {children}
          <Refusal error={error} />
          <div className="flex min-h-9 flex-wrap items-center gap-2">
            {dirty ? (
              <>
                <Button look="primary" type="submit" busy={busy}>
                  {t('common.save')}
                </Button>
                <Button look="ghost" onClick={onDiscard}>
                  {t('business.discard')}
                </Button>
              </>
            ) : (
              note && <p className="text-caption text-muted">{note}</p>
            )}
          </div>
        </form>
      )}
    </Panel>
  );
}
