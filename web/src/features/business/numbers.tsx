/**
 * The two kinds of numbers: the one that customers know, which stays with the business's own phone company, and the
 * line at the telephony provider, where the agent answers. Both are kept among the business's numbers; nothing arrives
 * here by the first.
 */
import { Plus, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { Settings } from '@/api/types';
import { useEngines } from '@/components/engine-notice';
import { Button, IconButton } from '@/components/ui/button';
import { CopyButton } from '@/components/ui/copy-text';
import { Field } from '@/components/ui/field';
import { CopyPhone, PhoneText } from '@/components/ui/text';
import { formatPhone } from '@/format/phone';
import { problemText } from '@/i18n/problem-text';
import { useSaveSettings } from '@/session/settings';

type Numbers = Settings['phone_numbers'];

const isKnown = ({ voice, whatsapp }: Numbers[number]) => !voice && !whatsapp;

/** What customers dial, if that is not the line itself. */
export function knownOf({ phone_numbers }: Settings): string | null {
  return phone_numbers.find(isKnown)?.number ?? null;
}

/** The numbers at which the agent answers. */
export function linesOf({ phone_numbers }: Settings): string[] {
  return phone_numbers.filter(({ voice }) => voice).map(({ number }) => number);
}

export function TwoNumbers({ settings }: { settings: Settings }) {
  return (
    <>
      <KnownNumber settings={settings} />
      <Lines settings={settings} />
    </>
  );
}

/** What the server did not like about a number. */
function useRefusal(error: unknown, same: 'business.connect.same' | 'business.connect.sameKnown') {
  const { t } = useTranslation();
  if (!error) return undefined;
  const codes = isProblem(error) ? [...error.fields.values()] : [];
  if (codes.includes('duplicate')) return t(same);
  return codes.length > 0 ? t('problems.phoneInvalid') : problemText(t, error);
}

/** Saved when one leaves it. */
function KnownNumber({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const save = useSaveSettings();
  const [draft, setDraft] = useState<string | null>(null);
  const refusal = useRefusal(save.error, 'business.connect.sameKnown');
  const kept = knownOf(settings);
  const leave = () => {
    if (draft === null) return;
    const number = draft.trim();
    if (number === (kept ? formatPhone(kept) : '')) return setDraft(null);
    const others = settings.phone_numbers.filter((one) => !isKnown(one));
    const known = number ? [{ number, voice: false, whatsapp: false }] : [];
    save.mutate({ change: { phone_numbers: [...known, ...others] } }, { onSuccess: () => setDraft(null) });
  };
  return (
    <div className="max-w-96">
      <Field
        label={t('business.connect.known')}
        hint={t('business.connect.knownHint')}
        type="tel"
        dir="ltr"
        autoComplete="off"
        value={draft ?? (kept ? formatPhone(kept) : '')}
        error={draft === null ? undefined : refusal}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={leave}
        onKeyDown={(event) => event.key === 'Enter' && leave()}
      />
    </div>
  );
}

function Lines({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const save = useSaveSettings();
  const { data: engines } = useEngines();
  const numbers = settings.phone_numbers;
  const lines = numbers.filter((one) => !isKnown(one));
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-cell font-semibold">{t('business.connect.line')}</h3>
      <p className="-mt-1.5 text-caption text-muted">{t('business.connect.lineHint')}</p>
      {lines.length > 0 && (
        <ul className="flex flex-col divide-y divide-line">
          {lines.map((line) => (
            <li key={line.number} className="flex items-center gap-2 py-1.5">
              <PhoneText number={line.number} className="text-cell font-semibold" />
              <CopyPhone number={line.number} />
              <span className="grow" />
              <IconButton
                label={t('business.connect.lineRemove', { number: formatPhone(line.number) })}
                icon={Trash2}
                onClick={() =>
                  save.mutate({ change: { phone_numbers: numbers.filter((other) => other !== line) } })
                }
              />
            </li>
          ))}
        </ul>
      )}
      <AddLine settings={settings} />
      {lines.length > 0 && engines?.converses && <AtProvider />}
    </section>
  );
}

function AddLine({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const save = useSaveSettings();
  const [number, setNumber] = useState('');
  const refusal = useRefusal(save.error, 'business.connect.same');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!number.trim()) return;
    const added = { number: number.trim(), voice: true, whatsapp: false };
    save.mutate(
      { change: { phone_numbers: [...settings.phone_numbers, added] } },
      { onSuccess: () => setNumber('') },
    );
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-start gap-3">
      <div className="w-64 max-sm:grow">
        <Field
          label={t('business.connect.lineField')}
          labelHidden
          placeholder={t('business.connect.lineField')}
          type="tel"
          dir={number ? 'ltr' : undefined}
          autoComplete="off"
          value={number}
          error={refusal}
          onChange={(event) => {
            setNumber(event.target.value);
            if (save.error) save.reset();
          }}
        />
      </div>
      <Button type="submit" icon={Plus} busy={save.isPending} className="h-10! max-sm:w-full max-md:h-11!">
        {t('business.connect.lineAdd')}
      </Button>
    </form>
  );
}

/** Where the provider sends a call of the line. */
function AtProvider() {
  const { t } = useTranslation();
  const address = `${window.location.origin}/webhook/incoming_call`;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-control bg-sunken px-4 py-3 text-cell">
      <p className="min-w-0 grow basis-64">
        {t('business.connect.provider')}
        <bdi dir="ltr" className="block font-mono text-caption break-all select-all">
          {address}
        </bdi>
      </p>
      <CopyButton text={address} label={t('business.connect.providerCopy')} />
    </div>
  );
}
