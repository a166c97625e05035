/** Makes a business, or changes one. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import type { Business } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field, TextField } from '@/components/ui/field';
import { Select } from '@/components/ui/select';
import { Refusal } from '@/components/ui/states';
import { say } from '@/components/ui/toast';
import { formatPhone } from '@/format/phone';
import { fieldText, problemText } from '@/i18n/problem-text';
import { ModuleTable } from './modules';

const LANGUAGES = ['he-IL', 'en-US', 'ar-IL', 'ru-RU'] as const;
const ZONES = ['Asia/Jerusalem', 'Europe/London', 'Europe/Paris', 'America/New_York', 'UTC'];

function draftOf(business: Business | null) {
  return {
    name: business?.name ?? '',
    domain: business?.domain ?? '',
    language: (business?.language ?? 'he-IL') as (typeof LANGUAGES)[number],
    timezone: business?.timezone ?? 'Asia/Jerusalem',
    numbers: (business?.phone_numbers ?? []).map(({ number }) => formatPhone(number)).join('\n'),
    modules: business?.modules ?? null,
  };
}
type Draft = ReturnType<typeof draftOf>;

/** Numbers that were there before keep what they are for. */
function numbersOf(text: string, before: Business['phone_numbers']): Business['phone_numbers'] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter(Boolean).map((line) => {
    const known = before.find(({ number }) => formatPhone(number) === line || number === line);
    return known ?? { number: line, voice: true, whatsapp: false };
  });
}

interface BusinessDialogProps {
  open: boolean;
  onClose: () => void;
  /** Null for a new one. */
  business: Business | null;
  onMade?: (business: Business) => void;
}

export function BusinessDialog({ open, onClose, business, onMade }: BusinessDialogProps) {
  return open ? (
    <Form key={business?.id ?? 'new'} business={business} onClose={onClose} {...(onMade && { onMade })} />
  ) : null;
}

function useSave({ business, onClose, onMade }: Omit<BusinessDialogProps, 'open'>) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, domain, language, timezone, numbers, modules }: Draft) => {
      const body = {
        name,
        language,
        timezone,
        domain: domain.trim() || null,
        phone_numbers: numbersOf(numbers, business?.phone_numbers ?? []),
        ...(modules && { modules }),
      };
      if (!business) return take(api.POST('/api/businesses', { body }));
      return take(api.PATCH('/api/businesses/{id}', { params: { path: { id: business.id } }, body }));
    },
    onSuccess: (saved) => {
      say(t(business ? 'admin.business.saved' : 'admin.business.made', { name: saved.name }));
      void client.invalidateQueries({ queryKey: keys.session });
      if (onMade) onMade(saved);
      else onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.platform.all }),
  });
}

function Form(props: Omit<BusinessDialogProps, 'open'>) {
  const { t } = useTranslation();
  const { business, onClose } = props;
  const [draft, setDraft] = useState(() => draftOf(business));
  const save = useSave(props);
  const set = (field: 'name' | 'domain' | 'numbers') => (event: { target: { value: string } }) =>
    setDraft({ ...draft, [field]: event.target.value });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(draft);
  };
  const taken = isProblem(save.error, 'name_exists') ? problemText(t, save.error) : undefined;
  const ofNumbers = isProblem(save.error, 'number_taken')
    ? problemText(t, save.error)
    : numbersFault(save.error) && t('problems.phoneInvalid');
  const atField = taken || ofNumbers || (isProblem(save.error) && save.error.fields.size > 0);
  const zones = ZONES.includes(draft.timezone) ? ZONES : [draft.timezone, ...ZONES];
  return (
    <Dialog
      open
      side
      onClose={onClose}
      title={business ? t('admin.business.editOf', { name: business.name }) : t('admin.business.make')}
      {...(!business && { lead: t('admin.business.makeLead') })}
      actions={
        <>
          <Button look="primary" type="submit" form="business" busy={save.isPending}>
            {business ? t('common.save') : t('admin.business.makeIt')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      <form id="business" onSubmit={submit} className="flex flex-col gap-4 pb-2">
        <Field
          label={t('admin.business.name')}
          required
          autoComplete="off"
          maxLength={120}
          value={draft.name}
          error={taken ?? fieldText(t, save.error, 'name')}
          onChange={set('name')}
        />
        <TextField
          label={t('admin.business.numbers')}
          hint={t('admin.business.numbersHint')}
          rows={2}
          dir="ltr"
          value={draft.numbers}
          error={ofNumbers || undefined}
          onChange={set('numbers')}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <Select
            label={t('admin.business.language')}
            value={draft.language}
            options={LANGUAGES.map((value) => ({ value, label: t(`admin.language.${value}`) }))}
            onChoose={(language) => setDraft({ ...draft, language })}
          />
          <Select
            label={t('admin.business.timezone')}
            value={draft.timezone}
            options={zones.map((value) => ({ value, label: value }))}
            onChoose={(timezone) => setDraft({ ...draft, timezone })}
          />
        </div>
        <Field
          label={t('admin.business.domain')}
          dir="ltr"
          autoComplete="off"
          value={draft.domain}
          error={fieldText(t, save.error, 'domain')}
          onChange={set('domain')}
        />
        {draft.modules && (
          <ModuleTable value={draft.modules} onChange={(modules) => setDraft({ ...draft, modules })} />
        )}
        {!atField && <Refusal error={save.error} />}
      </form>
    </Dialog>
  );
}

function numbersFault(error: unknown): boolean {
  return isProblem(error) && [...error.fields.keys()].some((field) => field.startsWith('phone_numbers'));
}
