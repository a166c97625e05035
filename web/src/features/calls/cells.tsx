/** Pieces of a call's row. */
import { Link } from '@tanstack/react-router';
import { ArrowDownLeft, ArrowUpRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Call, Waiting } from '@/api/types';
import { Badge } from '@/components/ui/badge';
import { cx } from '@/components/ui/cx';
import { PhoneText } from '@/components/ui/text';
import { Tooltip } from '@/components/ui/tooltip';
import { formatName, formatPhone, isPhone } from '@/format/phone';
import { useFormat, useNow } from '@/format/use-format';
import { callState } from './state';

export function CallBadge({ call }: { call: Call }) {
  const { t } = useTranslation();
  const state = callState(call, useNow());
  return (
    <Badge tone={state.tone} icon={state.icon}>
      {t(state.key)}
    </Badge>
  );
}

/** The number on the other side of the line. */
export function otherSide(call: Call): string {
  return call.direction === 'out' ? call.to_number : call.from_number;
}

/** Whom a call was with, as words. */
export function useWho() {
  const { t } = useTranslation();
  return (row: Call | Waiting): string => {
    if (row.customer_name) return formatName(row.customer_name);
    if ('test' in row && row.test) return t('shell.testCall');
    if (row.caller_hidden) return t('common.hiddenNumber');
    const number = 'direction' in row ? otherSide(row) : row.from_number;
    return number ? formatPhone(number) : t('calls.unknownCaller');
  };
}

/** A row's link covers the whole row. */
const ROW_LINK =
  'block truncate rounded-mark leading-tight after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-control focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent';

interface WhoProps {
  row: Call | Waiting;
  call: number;
  nameOnly?: boolean;
}

/** Name over number, leading to the call. */
export function Who({ row, call, nameOnly }: WhoProps) {
  const who = useWho();
  const number = 'direction' in row ? otherSide(row) : row.from_number;
  const named = Boolean(row.customer_name && !isPhone(row.customer_name));
  return (
    <Link to="/calls/$callId" params={{ callId: String(call) }} data-row-link className={ROW_LINK}>
      <bdi className={cx('font-semibold', !named && 'tabular')}>{who(row)}</bdi>
      {named && !nameOnly && !row.caller_hidden && number && (
        <span className="block text-caption text-muted">
          <PhoneText number={number} />
        </span>
      )}
    </Link>
  );
}

export function Direction({ call }: { call: Call }) {
  const { t } = useTranslation();
  const Icon = call.direction === 'out' ? ArrowUpRight : ArrowDownLeft;
  const text = call.direction === 'out' ? t('calls.out') : t('calls.in');
  return (
    <Tooltip text={text}>
      <span className="inline-flex text-phone" role="img" aria-label={text}>
        <Icon aria-hidden className="size-4" strokeWidth={2.2} />
      </span>
    </Tooltip>
  );
}

/** When it happened; the exact time on hover. */
export function When({ at, className }: { at: string; className?: string }) {
  const format = useFormat();
  const now = useNow();
  return (
    <time dateTime={at} title={format.dateTime(at)} className={cx('tabular whitespace-nowrap', className)}>
      {format.when(at, now)}
    </time>
  );
}

/** As `Who`, where whose call it was is known. */
export function WhenLink({ call }: { call: Call }) {
  return (
    <Link to="/calls/$callId" params={{ callId: String(call.id) }} data-row-link className={ROW_LINK}>
      <When at={call.started_at} className="font-semibold" />
    </Link>
  );
}
