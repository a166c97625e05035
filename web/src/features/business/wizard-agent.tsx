import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Choices } from '@/components/ui/choices';
import { Field, TextField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/states';
import { useSaveSettings } from '@/session/settings';
import { PlayGreeting } from './greeting';
import { StepFrame, type StepProps } from './wizard-frame';

const GENDERS = ['feminine', 'masculine'] as const;
type Gender = (typeof GENDERS)[number];
const WORDS = {
  feminine: { name: 'welcome.nameFeminine', greeting: 'welcome.greetingFeminine' },
  masculine: { name: 'welcome.nameMasculine', greeting: 'welcome.greetingMasculine' },
} as const;

export function AgentStep({ settings, onNext, onBack }: StepProps) {
  const { t } = useTranslation();
  const save = useSaveSettings();
  const [gender, setGender] = useState(settings.agent_gender as Gender);
  const [ownName, setName] = useState(settings.agent_name ?? null);
  const [ownGreeting, setGreeting] = useState(settings.greeting_text ?? null);
  const name = ownName ?? t(WORDS[gender].name);
  // Until it is written by hand, the greeting follows name and gender.
  const greeting =
    ownGreeting ??
    t(WORDS[gender].greeting, { business: settings.name, agent: name.trim() || t(WORDS[gender].name) });
  const next = () =>
    save.mutate(
      {
        change: {
          agent_gender: gender,
          agent_name: name.trim() || null,
          greeting_text: greeting.trim() || null,
        },
        quiet: true,
      },
      { onSuccess: onNext },
    );
  return (
    <StepFrame
      title={t('welcome.agentTitle')}
      lead={t('welcome.agentLead')}
      onSkip={onNext}
      onBack={onBack}
      primary={
        <Button look="primary" busy={save.isPending} onClick={next}>
          {t('welcome.next')}
        </Button>
      }
    >
      <div className="grid items-start gap-5 sm:grid-cols-2">
        <Field
          label={t('business.calls.agentName')}
          autoComplete="off"
          maxLength={60}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Choices
          columns
          legend={t('business.calls.gender')}
          value={gender}
          options={GENDERS.map((value) => ({ value, label: t(`business.calls.genders.${value}`) }))}
          onChoose={setGender}
        />
      </div>
      <TextField
        label={t('business.calls.greeting')}
        rows={3}
        maxLength={600}
        value={greeting}
        onChange={(event) => setGreeting(event.target.value)}
      />
      <PlayGreeting text={greeting} gender={gender} />
      <Refusal error={save.error} />
    </StepFrame>
  );
}
