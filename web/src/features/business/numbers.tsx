import { PhoneIncoming, Plus, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { Settings } from '@/api/types';
import { Button, IconButton } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Field } from '@/components/ui/field';
import { Empty } from '@/components/ui/states';
import { CopyPhone, PhoneText } from '@/components/ui/text';
import { formatPhone } from '@/format/phone';
import { problemText } from '@/i18n/problem-text';
import { useSaveSettings } from '@/session/settings';

export function Numbers({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const save = useSaveSettings();
  const numbers = settings.phone_numbers;
  return (
    <Card title={t('business.calls.numbersTitle')} lead={t('business.calls.numbersLead')}>
      {numbers.length === 0 ? (
        <Empty small icon={PhoneIncoming} title={t('business.calls.numbersNone')} />
      ) : (
        <ul className="flex flex-col divide-y divide-line">
          {numbers.map((number) => (
            <li key={number.number} className="flex items-center gap-2 py-1.5">
              <PhoneText number={number.number} className="text-cell font-semibold" />
              <CopyPhone number={number.number} />
              <span className="grow" />
              <IconButton
                label={t('business.calls.numberRemove', { number: formatPhone(number.number) })}
                icon={Trash2}
                onClick={() =>
                  save.mutate({ change: { phone_numbers: numbers.filter((other) => other !== number) } })
                }
              />
            </li>
          ))}
        </ul>
      )}
      <AddNumber settings={settings} />
    </Card>
  );
}

/** One more number. */
export function AddNumber({ settings, quiet }: { settings: Settings; quiet?: boolean }) {
  const { t } = useTranslation();
  const save = useSaveSettings();
  const [number, setNumber] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!number.trim()) return;
    const added = { number: number.trim(), voice: true, whatsapp: false };
    save.mutate(
      { change: { phone_numbers: [...settings.phone_numbers, added] }, quiet: quiet ?? false },
      { onSuccess: () => setNumber('') },
    );
  };
  const refused =
    isProblem(save.error) && save.error.fields.size > 0 ? t('problems.phoneInvalid') : undefined;
  return (
    <form onSubmit={submit} className="flex flex-wrap items-start gap-3">
      <div className="w-64 max-sm:grow">
        <Field
          label={t('business.calls.number')}
          type="tel"
          dir="ltr"
          autoComplete="off"
          value={number}
          error={save.error ? (refused ?? problemText(t, save.error)) : undefined}
          onChange={(event) => setNumber(event.target.value)}
        />
      </div>
      <Button
        type="submit"
        icon={Plus}
        busy={save.isPending}
        className="h-10! max-sm:w-full sm:mt-7 max-md:h-11!"
      >
        {t('business.calls.numberAdd')}
      </Button>
    </form>
  );
}
