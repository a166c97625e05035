/** Pieces of the row of someone who waits for a callback. */
import { Check, Hand, PhoneOutgoing } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Waiting } from '@/api/types';
import { Badge } from '@/components/ui/badge';
import { IconButton } from '@/components/ui/button';
import { useNow } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { useSession } from '@/session/session';
import { useClaim, useDial, useHandle } from './actions';
import { isClaimed } from './state';

export function Attempts({ row }: { row: Waiting }) {
  const { t } = useTranslation();
  if (row.attempts < 2)
    return <span className="text-muted">{t('calls.attempts', { count: row.attempts })}</span>;
  return <Badge tone="warn">{t('calls.attempts', { count: row.attempts })}</Badge>;
}

export function Claim({ row }: { row: Waiting }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const { name } = usePeople();
  if (!isClaimed(row, useNow())) return null;
  const mine = row.claimed_by_id === user.id;
  return (
    <Badge tone="accent" icon={Hand}>
      {mine ? t('calls.claimedByMe') : t('calls.claimedBy', { name: name(row.claimed_by_id) ?? '' })}
    </Badge>
  );
}

/** Call back, take it on, be done with it. */
export function WaitingActions({ row }: { row: Waiting }) {
  const { t } = useTranslation();
  const claim = useClaim();
  const handle = useHandle();
  const dial = useDial();
  const claimed = isClaimed(row, useNow());
  return (
    <>
      {!row.caller_hidden && (
        <IconButton
          size="sm"
          label={t('calls.dial')}
          icon={PhoneOutgoing}
          disabled={dial.isPending}
          onClick={() =>
            dial.mutate(row.customer_id ? { customer_id: row.customer_id } : { to: row.from_number })
          }
        />
      )}
      <IconButton
        size="sm"
        label={t('calls.claim')}
        icon={Hand}
        disabled={claimed || claim.isPending}
        className="max-md:hidden"
        onClick={() => claim.mutate(row.last_call_id)}
      />
      <IconButton
        size="sm"
        label={t('calls.handle')}
        icon={Check}
        disabled={handle.isPending}
        onClick={() => handle.mutate(row.last_call_id)}
      />
    </>
  );
}
