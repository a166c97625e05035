/** How messages are answered when nobody of the team does. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerPolicy, Settings } from '@/api/types';
import { Card } from '@/components/ui/card';
import { Choices } from '@/components/ui/choices';
import { TextField } from '@/components/ui/field';
import { useSaveSettings } from '@/session/settings';

const POLICIES = ['suggest', 'ai', 'hours', 'off'] as const satisfies readonly AnswerPolicy[];
const LONGEST = 1_000;

interface PolicyChoicesProps {
  value: AnswerPolicy;
  onChoose: (policy: AnswerPolicy) => void;
}

export function PolicyChoices({ value, onChoose }: PolicyChoicesProps) {
  const { t } = useTranslation();
  return (
    <Choices
      legend={t('whatsapp.policy.legend')}
      value={value}
      options={POLICIES.map((policy) => ({
        value: policy as AnswerPolicy,
        label: t(`whatsapp.policy.${policy}`),
        hint: t(`whatsapp.policyHint.${policy}`),
      }))}
      onChoose={onChoose}
    />
  );
}

export function Policy({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const save = useSaveSettings();
  const { answer_policy = 'off', away_text = null } = settings.whatsapp;
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <Card title={t('whatsapp.policy.title')}>
      <PolicyChoices
        value={answer_policy}
        onChoose={(policy) => save.mutate({ change: { whatsapp: { answer_policy: policy, away_text } } })}
      />
      {answer_policy === 'hours' && (
        <TextField
          label={t('whatsapp.policy.away')}
          hint={t('whatsapp.policy.awayHint')}
          maxLength={LONGEST}
          value={draft ?? away_text ?? ''}
          onChange={(event) => setDraft(event.target.value)}
          onBlur={() => {
            if (draft === null || draft.trim() === (away_text ?? '')) return;
            save.mutate({ change: { whatsapp: { answer_policy, away_text: draft.trim() || null } } });
          }}
        />
      )}
    </Card>
  );
}
