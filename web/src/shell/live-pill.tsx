/** The call that runs now: who, how long; one click to watch. */
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Call } from '@/api/types';
import { formatDuration } from '@/format/dates';
import { formatName, formatPhone } from '@/format/phone';
import { useNow } from '@/format/use-format';
import { liveCallsQuery } from '@/session/counts';
import { usePermission } from '@/session/session';

function useLiveCalls(): Call[] {
  const may = usePermission('calls:read');
  const { data } = useQuery({ ...liveCallsQuery, enabled: may });
  const here = useLocation({ select: (location) => location.pathname });
  // The call that is being watched needs no way to it.
  return data?.filter((call) => here !== `/calls/${call.id}`) ?? [];
}

export function LivePill() {
  const calls = useLiveCalls();
  const [call] = calls;
  if (!call) return null;
  return (
    <Link
      to="/calls/$callId"
      params={{ callId: String(call.id) }}
      className="flex h-9 items-center gap-2.5 rounded-full border border-success-line bg-success-soft ps-3 pe-3.5 text-cell font-semibold text-success-text transition-colors hover:border-success-mark"
    >
      <Inside call={call} count={calls.length} />
    </Link>
  );
}

export function LiveStrip() {
  const calls = useLiveCalls();
  const shown = useLocation({ select: (location) => location.pathname === '/crm' });
  const [call] = calls;
  // Today's page opens with the calls that run.
  if (!call || shown) return null;
  return (
    <Link
      to="/calls/$callId"
      params={{ callId: String(call.id) }}
      id="live-strip"
      className="flex h-11 items-center gap-2.5 border-t border-success-line bg-success-soft px-4 text-cell font-semibold text-success-text"
    >
      <Inside call={call} count={calls.length} />
    </Link>
  );
}

function Inside({ call, count }: { call: Call; count: number }) {
  const { t } = useTranslation();
  const now = useNow(1_000);
  const seconds = (now.getTime() - new Date(call.started_at).getTime()) / 1000;
  const who =
    (call.customer_name && formatName(call.customer_name)) ??
    (call.caller_hidden ? t('common.hiddenNumber') : formatPhone(call.from_number));
  return (
    <>
      <span aria-hidden className="size-2 shrink-0 animate-pulse-mark rounded-full bg-success-mark" />
      <span className="sr-only">{t('shell.liveCall')}</span>
      <bdi className="min-w-0 max-w-40 truncate">
        {call.test ? t('shell.testCall') : count > 1 ? t('shell.liveCalls', { count }) : who}
      </bdi>
      <bdi dir="ltr" className="tabular grow font-normal max-md:text-end">
        {formatDuration(seconds)}
      </bdi>
    </>
  );
}
