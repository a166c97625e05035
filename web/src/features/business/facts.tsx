/** What the agent may tell, topic by topic; saved together, since a topic is known by its name. */
import { Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '@/components/ui/button';
import { Field, TextField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/states';
import { useSaveSettings } from '@/session/settings';
import { SaveBar } from './save-bar';

interface Fact {
  topic: string;
  answer: string;
}

const MOST = 100;

function listed(facts: Record<string, string>): Fact[] {
  return Object.entries(facts).map(([topic, answer]) => ({ topic, answer }));
}

export function Facts({ facts }: { facts: Record<string, string> }) {
  const { t } = useTranslation();
  const save = useSaveSettings();
  const [draft, setDraft] = useState<Fact[] | null>(null);
  const [tried, setTried] = useState(false);
  const rows = draft ?? listed(facts);
  const change = (at: number, part: Partial<Fact>) =>
    setDraft(rows.map((row, index) => (index === at ? { ...row, ...part } : row)));
  const filled = rows.filter((row) => row.topic.trim() || row.answer.trim());
  const half = (row: Fact) => !row.topic.trim() !== !row.answer.trim();
  const twice = (row: Fact) =>
    row.topic.trim() !== '' && rows.filter((other) => other.topic.trim() === row.topic.trim()).length > 1;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (rows.some((row) => half(row) || twice(row))) return;
    const next = Object.fromEntries(filled.map((row) => [row.topic.trim(), row.answer.trim()]));
    save.mutate(
      { change: { facts: next } },
      {
        onSuccess: () => {
          setDraft(null);
          setTried(false);
        },
      },
    );
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <div>
        <h3 className="text-cell font-semibold">{t('business.calls.facts')}</h3>
        <p className="max-w-[70ch] text-caption text-muted">{t('business.calls.factsHint')}</p>
      </div>
      {rows.map((row, at) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: a row keeps its place while it is written
          key={at}
          className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-2 sm:grid-cols-[13rem_minmax(0,1fr)_auto]"
        >
          <Field
            labelHidden
            label={t('business.calls.topicN', { n: at + 1 })}
            placeholder={t('business.calls.topic')}
            dir={row.topic ? 'auto' : undefined}
            maxLength={120}
            value={row.topic}
            error={twice(row) ? t('business.calls.factTwice') : undefined}
            onChange={(event) => change(at, { topic: event.target.value })}
          />
          <div className="max-sm:order-1 max-sm:col-span-2">
            <TextField
              labelHidden
              rows={1}
              label={t('business.calls.answerN', { n: at + 1 })}
              placeholder={t('business.calls.answer')}
              maxLength={600}
              className="field-sizing-content min-h-10"
              value={row.answer}
              error={tried && half(row) ? t('business.calls.factIncomplete') : undefined}
              onChange={(event) => change(at, { answer: event.target.value })}
            />
          </div>
          <IconButton
            label={t('business.calls.removeFact', { name: row.topic || at + 1 })}
            icon={X}
            onClick={() => setDraft(rows.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      <Refusal error={save.error} />
      <div className="flex flex-wrap items-center gap-2">
        {rows.length < MOST && (
          <Button size="sm" icon={Plus} onClick={() => setDraft([...rows, { topic: '', answer: '' }])}>
            {t('business.calls.addFact')}
          </Button>
        )}
        <SaveBar
          dirty={JSON.stringify(filled) !== JSON.stringify(listed(facts))}
          busy={save.isPending}
          label={t('business.calls.factsSave')}
          onDiscard={() => {
            setDraft(null);
            setTried(false);
            save.reset();
          }}
        />
      </div>
    </form>
  );
}
