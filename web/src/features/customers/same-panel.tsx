/** Who may be the same person, and who was found to be. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Customer } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Panel } from '@/components/ui/panel';
import { PhoneText } from '@/components/ui/text';
import { formatName } from '@/format/phone';
import { useFormat, useNow } from '@/format/use-format';
import { duplicatesQuery, useMerges, useUndoMerge } from './merge';

const DAY_MS = 86_400_000;
/** So long the server takes a merge back. */
const UNDONE_WITHIN_DAYS = 30;

interface SamePanelProps {
  customer: Customer;
  onMerge: (other: number) => void;
}

export function SamePanel({ customer, onMerge }: SamePanelProps) {
  const { t } = useTranslation();
  const alike = useQuery(duplicatesQuery(customer.id)).data?.results ?? [];
  const merges = useMerges(customer.id);
  if (alike.length === 0 && merges.length === 0) return null;
  return (
    <Panel title={alike.length > 0 ? t('sameCustomer.maybe') : t('sameCustomer.history')}>
      <ul className="px-5 pb-4">
        {alike.map((one) => (
          <Alike key={one.id} one={one} onMerge={onMerge} />
        ))}
      </ul>
      {merges.length > 0 && alike.length > 0 && (
        <h3 className="border-t border-line px-5 pt-3 text-body font-bold">{t('sameCustomer.history')}</h3>
      )}
      {merges.length > 0 && (
        <ul className="px-5 pb-4">
          {merges.map((merge) => (
            <Merged key={merge.id} merge={merge} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Alike({ one, onMerge }: { one: Customer; onMerge: (other: number) => void }) {
  const { t } = useTranslation();
  const name = formatName(one.name);
  return (
    <li className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1">
      <Link
        to="/crm/customers/$customerId"
        params={{ customerId: String(one.id) }}
        className="min-w-0 grow truncate text-cell font-semibold hover:underline"
      >
        <bdi>{name}</bdi>
      </Link>
      {one.phone && <PhoneText number={one.phone} className="text-caption text-muted" />}
      <Button size="sm" aria-label={t('sameCustomer.mergeWith', { name })} onClick={() => onMerge(one.id)}>
        {t('sameCustomer.mergeShort')}
      </Button>
    </li>
  );
}

interface MergedProps {
  merge: { id: number; created_at: string; name: string | null };
}

function Merged({ merge }: MergedProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const undo = useUndoMerge();
  const old = now.getTime() - Date.parse(merge.created_at) > UNDONE_WITHIN_DAYS * DAY_MS;
  return (
    <li className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 text-cell">
      <span className="min-w-0 grow truncate">
        <bdi className="font-semibold">{merge.name ?? t('sameCustomer.another')}</bdi>{' '}
        <time dateTime={merge.created_at} className="text-caption text-muted">
          {format.when(merge.created_at, now)}
        </time>
      </span>
      {!old && (
        <Button size="sm" busy={undo.isPending} onClick={() => undo.mutate({ merge: merge.id })}>
          {t('sameCustomer.undo')}
        </Button>
      )}
    </li>
  );
}
