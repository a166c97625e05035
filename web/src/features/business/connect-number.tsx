/** How calls to the business's present number come here: what to forward, the code to dial, and whether it worked. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, LoaderCircle } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { renderSVG } from 'uqr';
import type { Settings } from '@/api/types';
import { EngineNotice, OF_THE_LINE } from '@/components/engine-notice';
import { buttonClass } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Choices } from '@/components/ui/choices';
import { CopyButton } from '@/components/ui/copy-text';
import { Select } from '@/components/ui/select';
import { PhoneText } from '@/components/ui/text';
import { formatPhone } from '@/format/phone';
import { useFormat, useNow } from '@/format/use-format';
import { arrivedQuery } from './arrivals';
import { codesOf, dialLink, OPERATORS, type Operator, operatorOf, WHENS, type When } from './forwarding';
import { knownOf, linesOf, TwoNumbers } from './numbers';

export function ConnectNumber({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  return (
    <>
      <EngineNotice about={OF_THE_LINE} />
      <Card title={t('business.connect.title')} lead={t('business.connect.lead')}>
        <TwoNumbers settings={settings} />
      </Card>
      {linesOf(settings).length > 0 && (
        <Card title={t('business.connect.forward')}>
          <Forwarding key={knownOf(settings)} settings={settings} />
        </Card>
      )}
    </>
  );
}

/** What to do at one's own phone company, and whether a call has come. */
export function Forwarding({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const [lines, known] = [linesOf(settings), knownOf(settings)];
  return (
    <>
      {known ? (
        <Codes known={known} lines={lines} />
      ) : (
        <p className="text-cell text-muted">{t('business.connect.direct')}</p>
      )}
      <Arrived known={known} lines={lines} />
    </>
  );
}

interface NumbersProps {
  known: string;
  lines: readonly string[];
}

function Codes({ known, lines }: NumbersProps) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState(lines[0] ?? '');
  const line = lines.includes(chosen) ? chosen : (lines[0] ?? '');
  const [operator, setOperator] = useState<Operator>(operatorOf(known));
  const [when, setWhen] = useState<When>('no_answer');
  return (
    <>
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
        {lines.length > 1 && (
          <Select
            label={t('business.connect.to')}
            value={line}
            options={lines.map((own) => ({ value: own, label: formatPhone(own) }))}
            onChoose={setChosen}
          />
        )}
      </div>
      <Code operator={operator} when={when} line={line} known={known} />
    </>
  );
}

interface CodeProps {
  operator: Operator;
  when: When;
  line: string;
  known: string;
}

function Code({ operator, when, line, known }: CodeProps) {
  const { t } = useTranslation();
  const codes = codesOf(operator, when, line);
  if (!codes)
    return (
      <p className="rounded-control bg-sunken px-4 py-3 text-cell">
        {t('business.connect.ask')} <PhoneText number={line} className="font-semibold" />
      </p>
    );
  return (
    <div className="flex flex-wrap items-center gap-5 rounded-control bg-sunken p-4">
      {operator === 'mobile' && <Qr text={dialLink(codes.on)} />}
      <div className="min-w-0 grow basis-56">
        <p className="text-caption text-muted">{t('business.connect.dialFrom', { phone: shown(known) })}</p>
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

/** Within a sentence. */
function shown(number: string): string {
  return `\u2066${formatPhone(number)}\u2069`;
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

/** Green once a call has come since this page was opened. */
function Arrived({ known, lines }: { known: string | null; lines: readonly string[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const [opened] = useState(() => Date.now());
  const { data } = useQuery(arrivedQuery);
  const came = data?.find(({ to_number }) => lines.includes(to_number));
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
        {known ? t('business.connect.waiting', { phone: shown(known) }) : t('business.connect.waitingDirect')}
        {came && ` ${t('business.connect.lastOne', { when: format.when(came.started_at, now) })}`}
      </span>
    </p>
  );
}
