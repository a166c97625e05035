import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Choices } from '@/components/ui/choices';
import { Field, TextField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/states';
import { useSession } from '@/session/session';
import { useSaveSettings } from '@/session/settings';
import { keepTold, keptTold } from '@/session/welcome';
import { groups, weekOf } from './week';
import { StepFrame, type StepProps } from './wizard-frame';

const TRADES = [
  'real_estate',
  'clinic',
  'law',
  'accounting',
  'garage',
  'renovation',
  'insurance',
  'other',
] as const;
type Trade = (typeof TRADES)[number];
const FACTS = ['fact1', 'fact2', 'fact3'] as const;

/** What was told before: saved, or written here and left for another page. */
function useTold(settings: Settings) {
  const { business } = useSession();
  const [kept] = useState(() => keptTold(business.id));
  const [trade, setTrade] = useState<Trade | null>(TRADES.find((name) => name === kept?.trade) ?? null);
  const [prompt, setPrompt] = useState(kept?.prompt ?? settings.agent_prompt ?? '');
  const [answers, setAnswers] = useState<Record<string, string>>(kept?.answers ?? settings.facts);
  const touched = useRef(false);
  useEffect(() => {
    if (touched.current) keepTold(business.id, { trade: trade ?? '', prompt, answers });
    touched.current = true;
  }, [business.id, trade, prompt, answers]);
  const saved = () => keepTold(business.id, { trade: trade ?? '' });
  return { trade, setTrade, prompt, setPrompt, answers, setAnswers, saved };
}

export function BusinessStep({ settings, onNext, onBack }: StepProps) {
  const { t } = useTranslation();
  const save = useSaveSettings();
  const { trade, setTrade, prompt, setPrompt, answers, setAnswers, saved } = useTold(settings);
  const choose = (chosen: Trade) => {
    // What somebody wrote by hand is not written over by the choice of a trade.
    const presets = TRADES.map((name) => t(`trades.${name}.prompt`) as string);
    if (!prompt.trim() || presets.includes(prompt)) setPrompt(t(`trades.${chosen}.prompt`));
    setTrade(chosen);
  };
  const next = () => {
    const filled = Object.entries(answers).filter(([, answer]) => answer.trim());
    save.mutate(
      { change: { agent_prompt: prompt.trim() || null, facts: Object.fromEntries(filled) }, quiet: true },
      {
        onSuccess: () => {
          saved();
          onNext();
        },
      },
    );
  };
  const topics = trade ? FACTS.map((fact) => t(`trades.${trade}.${fact}`) as string) : [];
  return (
    <StepFrame
      title={t('welcome.businessTitle')}
      lead={t('welcome.businessLead')}
      onSkip={onNext}
      onBack={onBack}
      primary={
        <Button look="primary" busy={save.isPending} disabled={!prompt.trim()} onClick={next}>
          {t('welcome.next')}
        </Button>
      }
    >
      <Choices
        columns
        tight
        legend={t('welcome.trade')}
        value={trade ?? ('' as Trade)}
        options={TRADES.map((value) => ({ value, label: t(`trades.${value}.title`) }))}
        onChoose={choose}
      />
      {(trade || prompt) && (
        <TextField
          label={t('welcome.prompt')}
          rows={5}
          maxLength={8_000}
          value={prompt}
          onChange={(event) => setPrompt(event.target.value)}
        />
      )}
      {topics.length > 0 && (
        <fieldset className="flex flex-col gap-4">
          <legend className="text-cell font-semibold">{t('welcome.factsTitle')}</legend>
          <p className="-mt-3 text-caption text-muted">{t('welcome.factsHint')}</p>
          {topics.map((topic) => (
            <Field
              key={topic}
              label={topic}
              autoComplete="off"
              maxLength={600}
              value={answers[topic] ?? ''}
              onChange={(event) => setAnswers({ ...answers, [topic]: event.target.value })}
            />
          ))}
        </fieldset>
      )}
      <p className="flex flex-wrap items-center gap-x-3 text-cell text-muted">
        {t('welcome.hours', { summary: useSummary(settings.hours) })}
        <Link
          to="/business"
          search={{ section: 'hours' }}
          state={{ welcome: 'business' }}
          className="target inline-flex items-center font-semibold text-accent-text hover:underline"
        >
          {t('welcome.hoursEdit')}
        </Link>
      </p>
      <Refusal error={save.error} />
    </StepFrame>
  );
}

/** «ראשון–חמישי 09:00–18:00, שישי 09:00–13:00, שבת סגור» */
function useSummary(hours: Record<string, string[][]>): string {
  const { t } = useTranslation();
  return groups(weekOf(hours))
    .map(({ from, to, spans }) => {
      const [first, last] = [t(`business.hours.day.${from}`), t(`business.hours.day.${to}`)];
      const days = from === to ? first : `${first}–${last}`;
      if (spans.length === 0) return t('welcome.hoursClosed', { days });
      const times = spans.map(([start, end]) => `\u2066${start}–${end}\u2069`).join(', ');
      return t('welcome.hoursOpen', { days, spans: times });
    })
    .join(' · ');
}
