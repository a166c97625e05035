import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Legal, Settings } from '@/api/types';
import { Card } from '@/components/ui/card';
import { Choices } from '@/components/ui/choices';
import { Field } from '@/components/ui/field';
import { Select } from '@/components/ui/select';
import { fieldText } from '@/i18n/problem-text';
import { useSession } from '@/session/session';
import { useSaveSettings } from '@/session/settings';
import { SaveBar } from './save-bar';
import { SavedText } from './saved-text';

const LANGUAGES = ['he-IL', 'en-US', 'ar-IL', 'ru-RU'] as const;
const DEALERS = ['licensed', 'exempt', 'company'] as const;
/** A few neighbours; a zone set by other means stands in the list, too. */
const ZONES = ['Asia/Jerusalem', 'Europe/London', 'Europe/Berlin', 'America/New_York', 'America/Los_Angeles'];

export function Details({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const save = useSaveSettings();
  const mayRename = user.role !== 'manager';
  const zones = ZONES.includes(settings.timezone) ? ZONES : [settings.timezone, ...ZONES];
  return (
    <>
      <Card title={t('business.section.details')} lead={t('business.details.lead')}>
        <SavedText
          settings={settings}
          field="name"
          label={t('business.details.name')}
          required
          readOnly={!mayRename}
          hint={mayRename ? undefined : t('business.details.nameManager')}
          most={200}
        />
        <SavedText settings={settings} field="domain" label={t('business.details.domain')} ltr most={253} />
        <div className="grid gap-5 sm:grid-cols-2">
          <Select
            label={t('business.details.language')}
            value={settings.language}
            options={LANGUAGES.map((value) => ({ value, label: t(`business.details.lang.${value}`) }))}
            onChoose={(language) => save.mutate({ change: { language } })}
          />
          <Select
            label={t('business.details.timezone')}
            value={settings.timezone}
            options={zones.map((value) => ({ value, label: value.replace('_', ' ') }))}
            onChoose={(timezone) => save.mutate({ change: { timezone } })}
          />
        </div>
      </Card>
      <LegalData legal={settings.legal ?? null} />
    </>
  );
}

const EMPTY: Legal = { name: '', tax_id: '', dealer_type: 'licensed', address: '' };

/** Goes together: a document needs all of it. */
function LegalData({ legal }: { legal: Legal | null }) {
  const { t } = useTranslation();
  const save = useSaveSettings();
  const kept = legal ?? EMPTY;
  const [draft, setForm] = useState<Legal | null>(null);
  const form = draft ?? kept;
  const changed = (Object.keys(EMPTY) as (keyof Legal)[]).some((field) => form[field] !== kept[field]);
  const set = (field: keyof Legal) => (event: { target: { value: string } }) =>
    setForm({ ...form, [field]: event.target.value });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ change: { legal: form } }, { onSuccess: () => setForm(null) });
  };
  return (
    <Card title={t('business.legal.title')} lead={t('business.legal.lead')}>
      <form onSubmit={submit} className="flex flex-col gap-5">
        <Choices
          columns
          legend={t('business.legal.dealerType')}
          value={form.dealer_type as (typeof DEALERS)[number]}
          options={DEALERS.map((value) => ({ value, label: t(`business.legal.type.${value}`) }))}
          onChoose={(dealer_type) => setForm({ ...form, dealer_type })}
        />
        <div className="grid items-start gap-5 sm:grid-cols-2">
          <Field
            label={t('business.legal.name')}
            required
            autoComplete="organization"
            value={form.name}
            error={fieldText(t, save.error, 'legal.name')}
            onChange={set('name')}
          />
          <Field
            label={t('business.legal.taxId')}
            required
            inputMode="numeric"
            dir="ltr"
            autoComplete="off"
            value={form.tax_id}
            error={fieldText(t, save.error, 'legal.tax_id')}
            onChange={set('tax_id')}
          />
        </div>
        <Field
          label={t('business.legal.address')}
          required
          autoComplete="street-address"
          value={form.address}
          error={fieldText(t, save.error, 'legal.address')}
          onChange={set('address')}
        />
        <SaveBar
          dirty={changed}
          busy={save.isPending}
          label={t('business.legal.save')}
          onDiscard={() => {
            setForm(null);
            save.reset();
          }}
        />
      </form>
    </Card>
  );
}
