/** Beside a call: its summary, what came up, whose call it was, and the plain facts. */
import { Link } from '@tanstack/react-router';
import { Link2, Sparkles, Unlink } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallDetail } from '@/api/types';
import { Avatar } from '@/components/ui/avatar';
import { Button, IconButton } from '@/components/ui/button';
import { Panel } from '@/components/ui/panel';
import { CopyPhone, PhoneText, Prose } from '@/components/ui/text';
import { Tooltip } from '@/components/ui/tooltip';
import { useDialog } from '@/components/ui/use-dialog';
import { formatDuration } from '@/format/dates';
import { formatName } from '@/format/phone';
import { useFormat, useNow } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { usePermission } from '@/session/session';
import { useLink } from './actions';
import { CallBadge } from './cells';
import { isLive } from './state';

function AiMark() {
  const { t } = useTranslation();
  return (
    <Tooltip text={t('common.byAi')}>
      <span role="img" aria-label={t('common.byAi')} className="text-agent">
        <Sparkles aria-hidden className="size-4" />
      </span>
    </Tooltip>
  );
}

export function SummaryPanel({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const extracted = call.extracted;
  const known = extracted && (extracted.name || extracted.need || extracted.callback_at);
  if (!call.summary && !known && isLive(call)) return null;
  return (
    <Panel title={t('calls.about.summary')} aside={call.summary || known ? <AiMark /> : null}>
      <div className="flex flex-col gap-4 px-5 pb-5">
        {call.summary ? (
          <Prose>{call.summary}</Prose>
        ) : (
          <p className="text-muted">
            {isLive(call) || isFresh(call) ? t('calls.about.summaryNone') : t('calls.about.summaryNever')}
          </p>
        )}
        {known && <Lead call={call} />}
      </div>
    </Panel>
  );
}

const SUMMARY_EXPECTED_MS = 3 * 60_000;

function isFresh(call: CallDetail): boolean {
  return Boolean(call.ended_at && Date.now() - new Date(call.ended_at).getTime() < SUMMARY_EXPECTED_MS);
}

/** Name, need, urgency and callback time, as far as the call brought them up. */
export function Lead({ call }: { call: Pick<CallDetail, 'extracted'> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const extracted = call.extracted;
  if (!extracted) return null;
  const { name, need, urgency, callback_at } = extracted;
  return (
    <dl className="flex flex-col gap-2.5 text-cell">
      {name && <Fact name={t('calls.about.name')}>{<bdi>{name}</bdi>}</Fact>}
      {need && (
        <Fact name={t('calls.about.need')}>
          <Prose>{need}</Prose>
        </Fact>
      )}
      {(urgency === 'high' || urgency === 'low') && (
        <Fact name={t('calls.about.urgency')}>{t(`calls.about.${urgency}`)}</Fact>
      )}
      {callback_at && <Fact name={t('calls.about.callbackAt')}>{format.when(callback_at, now)}</Fact>}
    </dl>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex items-baseline gap-3">
      <dt className="w-24 shrink-0 text-muted">{name}</dt>
      <dd className="min-w-0 grow">{children}</dd>
    </div>
  );
}

export function CustomerPanel({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const mayWork = usePermission('calls:work');
  const dialog = useDialog('link-call');
  const { unlink } = useLink(call.id);
  if (call.test) {
    return (
      <Panel title={t('calls.about.customer')}>
        <p className="px-5 pb-5 text-cell text-muted">{t('calls.about.testHint')}</p>
      </Panel>
    );
  }
  const number = call.direction === 'out' ? call.to_number : call.from_number;
  return (
    <Panel title={t('calls.about.customer')}>
      {call.customer_id ? (
        <div className="flex items-center gap-3 px-5 pb-5">
          <Avatar name={call.customer_name} />
          <div className="min-w-0 grow">
            <Link
              to="/crm/customers/$customerId"
              params={{ customerId: String(call.customer_id) }}
              className="block truncate rounded-mark font-semibold hover:underline"
            >
              <bdi>{formatName(call.customer_name ?? '')}</bdi>
            </Link>
            {!call.caller_hidden && <PhoneText number={number} className="text-caption text-muted" />}
          </div>
          {mayWork && (
            <IconButton
              label={t('calls.about.unlink')}
              icon={Unlink}
              onClick={() => call.customer_id && unlink.mutate(call.customer_id)}
            />
          )}
        </div>
      ) : (
        <div className="flex flex-col items-start gap-3 px-5 pb-5">
          <p className="text-cell text-muted">{t('calls.about.unlinkedHint')}</p>
          {mayWork && (
            <Button icon={Link2} onClick={dialog.show}>
              {t('calls.about.link')}
            </Button>
          )}
        </div>
      )}
    </Panel>
  );
}

export function FactsPanel({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { name } = usePeople();
  const mode = call.mode as 'realtime';
  return (
    <Panel title={t('calls.about.title')}>
      <dl className="flex flex-col gap-2.5 px-5 pb-5 text-cell">
        <Fact name={t('calls.about.outcome')}>
          <span className="flex flex-col items-start gap-1">
            <CallBadge call={call} />
            {call.handled_at && (
              <span className="text-caption text-muted">
                {t('calls.handledBy', { name: name(call.handled_by_id) ?? '' })}
              </span>
            )}
          </span>
        </Fact>
        <Fact name={t('calls.about.started')}>
          <span className="tabular">{format.dateTime(call.started_at)}</span>
        </Fact>
        {call.duration_seconds != null && (
          <Fact name={t('calls.about.duration')}>
            <bdi dir="ltr" className="tabular">
              {formatDuration(call.duration_seconds)}
            </bdi>
          </Fact>
        )}
        {!call.test && (
          <>
            <Fact name={t('calls.about.from')}>
              {call.caller_hidden ? t('common.hiddenNumber') : <NumberText number={call.from_number} />}
            </Fact>
            <Fact name={t('calls.about.to')}>
              <NumberText number={call.to_number} />
            </Fact>
          </>
        )}
        <Fact name={t('calls.about.mode')}>{t(`calls.mode.${mode}`)}</Fact>
        {(call.sentiment === 'positive' || call.sentiment === 'negative' || call.sentiment === 'neutral') && (
          <Fact name={t('calls.about.sentiment')}>{t(`calls.about.${call.sentiment}`)}</Fact>
        )}
      </dl>
    </Panel>
  );
}

function NumberText({ number }: { number: string }) {
  return (
    <span className="inline-flex items-center gap-1">
      <PhoneText number={number} />
      <CopyPhone number={number} />
    </span>
  );
}
