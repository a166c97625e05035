/** How calls to the business's present number come here: what to forward, the code to dial, and whether it worked. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, LoaderCircle } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { renderSVG } from 'uqr';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { Settings } from '@/api/types';
import { buttonClass } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Choices } from '@/components/ui/choices';
import { CopyButton } from '@/components/ui/copy-text';
import { Select } from '@/components/ui/select';
import { PhoneText } from '@/components/ui/text';
import { formatPhone } from '@/format/phone';
import { useFormat, useNow } from '@/format/use-format';
import { codesOf, dialLink, OPERATORS, type Operator, WHENS, type When } from './forwarding';
import { Numbers } from './numbers';

export function ConnectNumber({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const [number] = settings.phone_numbers.filter(({ voice }) => voice);
  return (
    <>
      {number ? (
        <Forward settings={settings} />
      ) : (
        <Card title={t('business.connect.title')} lead={t('business.connect.lead')}>
          <p className="text-cell text-muted">{t('business.connect.numberFirst')}</p>
        </Card>
      )}
      <Numbers settings={settings} />
    </>
  );
}

function Forward({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const numbers = settings.phone_numbers.filter(({ voice }) => voice);
  const [number, setNumber] = useState(numbers[0]?.number ?? '');
  const [operator, setOperator] = useState<Operator>('mobile');
  const [when, setWhen] = useState<When>('no_answer');
  return (
    <Card title={t('business.connect.title')} lead={t('business.connect.lead')}>
      <Choices
        columns
        legend={t('business.connect.when')}
        value={when}
        options={WHENS.map((value) => ({
          value,
          label: t(`business.connect.whens.${value}`),
          hint: t(`business.connect.whenHint.${value}`),
        }))}
        onChoose={setWhen}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Select
          label={t('business.connect.operator')}
          value={operator}
          options={OPERATORS.map((value) => ({ value, label: t(`business.connect.operators.${value}`) }))}
          onChoose={setOperator}
        />
        {numbers.length > 1 && (
          <Select
            label={t('business.connect.to')}
            value={number}
            options={numbers.map((own) => ({ value: own.number, label: formatPhone(own.number) }))}
            onChoose={setNumber}
          />
        )}
      </div>
      <Code operator={operator} when={when} number={number} />
      <Arrived numbers={numbers.map((own) => own.number)} />
    </Card>
  );
}

interface CodeProps {
  operator: Operator;
  when: When;
  number: string;
}

function Code({ operator, when, number }: CodeProps) {
  const { t } = useTranslation();
  const codes = codesOf(operator, when, number);
  if (!codes)
    return (
      <p className="rounded-control bg-sunken px-4 py-3 text-cell">
        {t('business.connect.ask')} <PhoneText number={number} className="font-semibold" />
      </p>
    );
  return (
    <div className="flex flex-wrap items-center gap-5 rounded-control bg-sunken p-4">
      {operator === 'mobile' && <Qr text={dialLink(codes.on)} />}
      <div className="min-w-0 grow basis-56">
        <p className="text-caption text-muted">{t('business.connect.dial')}</p>
        <p className="pt-1 pb-3">
          <bdi dir="ltr" className="tabular text-title font-bold break-all select-all">
            {codes.on}
          </bdi>
        </p>
        <div className="flex flex-wrap gap-2">
          <CopyButton text={codes.on} label={t('business.connect.copy')} />
          <a href={dialLink(codes.on)} className={buttonClass('quiet', 'md', 'md:hidden')}>
            {t('business.connect.dialHere')}
          </a>
        </div>
        <p className="pt-3 text-caption text-muted">
          {t('business.connect.off')}{' '}
          <bdi dir="ltr" className="tabular font-semibold">
            {codes.off}
          </bdi>
        </p>
      </div>
    </div>
  );
}

function Qr({ text }: { text: string }) {
  const { t } = useTranslation();
  const source = useMemo(
    () => `data:image/svg+xml;utf8,${encodeURIComponent(renderSVG(text, { border: 2 }))}`,
    [text],
  );
  return (
    <figure className="flex flex-col items-center gap-1.5">
      <img src={source} alt={t('business.connect.qr')} className="size-36 rounded-control" />
      <figcaption className="max-w-36 text-center text-caption text-muted">
        {t('business.connect.qrHint')}
      </figcaption>
    </figure>
  );
}

/** The newest call that came to one of the numbers; a call's beginning refreshes it. */
const newestQuery = queryOptions({
  queryKey: keys.calls.list({ direction: 'in', newest: true }),
  queryFn: () =>
    take(api.GET('/api/crm/calls', { params: { query: asQuery({ direction: 'in', limit: 5 }) } })),
  select: (listed) => listed.results,
});

/** Green once a call has come since this page was opened. */
function Arrived({ numbers }: { numbers: readonly string[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const [opened] = useState(() => Date.now());
  const { data } = useQuery(newestQuery);
  const came = data?.find(({ to_number }) => numbers.includes(to_number));
  if (came && new Date(came.started_at).getTime() > opened)
    return (
      <p
        role="status"
        className="flex items-center gap-3 rounded-control border border-success-line bg-success-soft px-4 py-3 text-cell font-semibold text-success-text"
      >
        <CircleCheck aria-hidden className="size-5 shrink-0" />
        <span className="grow">{t('business.connect.arrived')}</span>
        <Link
          to="/calls/$callId"
          params={{ callId: String(came.id) }}
          className="underline underline-offset-4"
        >
          {t('business.connect.toCall')}
        </Link>
      </p>
    );
  return (
    <p role="status" className="flex items-center gap-3 px-1 text-cell text-muted">
      <LoaderCircle aria-hidden className="size-4.5 shrink-0" />
      <span>
        {t('business.connect.waiting')}
        {came && ` ${t('business.connect.lastOne', { when: format.when(came.started_at, now) })}`}
      </span>
    </p>
  );
}
