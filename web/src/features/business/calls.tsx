import { Link } from '@tanstack/react-router';
import { Headset } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '@/api/types';
import { EngineNotice } from '@/components/engine-notice';
import { buttonClass } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Choices } from '@/components/ui/choices';
import { usePermission } from '@/session/session';
import { useSaveSettings } from '@/session/settings';
import { Facts } from './facts';
import { PlayGreeting } from './greeting';
import { SavedNumber, SavedText } from './saved-text';
import { Transfer } from './transfer';

const MODES = ['realtime', 'turn_based', 'voicemail'] as const;
const GENDERS = ['feminine', 'masculine'] as const;

export function Calls({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const mayCall = usePermission('calls:work');
  return (
    <>
      <EngineNotice />
      <Card
        title={t('business.calls.agentTitle')}
        {...(mayCall && {
          action: (
            <Link to="/test-call" className={buttonClass('quiet')}>
              <Headset aria-hidden className="size-4" />
              {t('business.calls.listen')}
            </Link>
          ),
        })}
      >
        <Voice settings={settings} />
      </Card>
      <Card title={t('business.calls.promptTitle')}>
        <SavedText
          settings={settings}
          field="agent_prompt"
          label={t('business.calls.prompt')}
          hint={t('business.calls.promptHint')}
          rows={8}
          most={8_000}
        />
        <Facts facts={settings.facts} />
      </Card>
      <Card title={t('business.calls.modeTitle')}>
        <Modes settings={settings} />
      </Card>
      <Card title={t('business.calls.transferTitle')}>
        <Transfer settings={settings} />
      </Card>
    </>
  );
}

function Voice({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const save = useSaveSettings();
  const [greeting, setGreeting] = useState(settings.greeting_text ?? '');
  return (
    <>
      <div className="grid items-start gap-5 sm:grid-cols-2">
        <SavedText
          settings={settings}
          field="agent_name"
          label={t('business.calls.agentName')}
          hint={t('business.calls.agentNameHint')}
          most={60}
        />
        <Choices
          columns
          legend={t('business.calls.gender')}
          value={settings.agent_gender as (typeof GENDERS)[number]}
          options={GENDERS.map((value) => ({ value, label: t(`business.calls.genders.${value}`) }))}
          onChoose={(agent_gender) => save.mutate({ change: { agent_gender } })}
        />
      </div>
      <SavedText
        settings={settings}
        field="greeting_text"
        label={t('business.calls.greeting')}
        hint={t('business.calls.greetingHint')}
        rows={3}
        most={600}
        onText={setGreeting}
      />
      {(greeting.trim() || settings.language === 'he-IL') && (
        <PlayGreeting text={greeting} gender={settings.agent_gender} />
      )}
    </>
  );
}

function Modes({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const save = useSaveSettings();
  const mode = (settings.call_mode ?? 'default') as 'default' | (typeof MODES)[number];
  const after = settings.after_hours_mode as (typeof MODES)[number];
  const words = (value: 'default' | (typeof MODES)[number]) => ({
    value,
    label: t(`business.calls.modes.${value}`),
    hint: t(`business.calls.modeHint.${value}`),
  });
  return (
    <>
      <Choices
        columns
        legend={t('business.calls.mode')}
        value={mode}
        options={(['default', ...MODES] as const).map(words)}
        onChoose={(chosen) => save.mutate({ change: { call_mode: chosen === 'default' ? null : chosen } })}
      />
      <Choices
        columns
        legend={t('business.calls.after')}
        value={after}
        options={MODES.map(words)}
        onChoose={(after_hours_mode) => save.mutate({ change: { after_hours_mode } })}
      />
      {(mode === 'voicemail' || after === 'voicemail') && (
        <div className="max-w-72">
          <SavedNumber
            label={t('business.calls.voicemail')}
            value={settings.voicemail_seconds}
            range={[30, 120]}
            wrong={t('business.calls.voicemailRange')}
            onSave={(voicemail_seconds) => save.mutate({ change: { voicemail_seconds } })}
          />
        </div>
      )}
    </>
  );
}
