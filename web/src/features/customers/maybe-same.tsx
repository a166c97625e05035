/** A customer was just made, and others have the same e-mail or a like name. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Avatar } from '@/components/ui/avatar';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { PhoneText } from '@/components/ui/text';
import { formatName } from '@/format/phone';
import { usePermission } from '@/session/session';
import { MergeDialog } from './merge-dialog';
import { customerQuery } from './queries';

interface MaybeSameProps {
  open: boolean;
  made: number;
  alike: readonly number[];
  onGo: (id: number) => void;
}

const SHOWN = 5;

export function MaybeSame({ open, made, alike, onGo }: MaybeSameProps) {
  const { t } = useTranslation();
  const mayMerge = usePermission('customers:merge');
  const [merging, setMerging] = useState<number | null>(null);
  if (merging)
    return (
      <MergeDialog open={open} onClose={() => setMerging(null)} kept={merging} other={made} onMerged={onGo} />
    );
  return (
    <Dialog
      open={open}
      onClose={() => onGo(made)}
      title={t('sameCustomer.maybe')}
      lead={t('sameCustomer.maybeLead')}
      actions={
        <Button look="primary" onClick={() => onGo(made)}>
          {t('sameCustomer.different')}
        </Button>
      }
    >
      <ul className="pb-2">
        {alike.slice(0, SHOWN).map((id) => (
          <Alike
            key={id}
            id={id}
            onOpen={() => onGo(id)}
            onMerge={mayMerge ? () => setMerging(id) : undefined}
          />
        ))}
      </ul>
    </Dialog>
  );
}

interface AlikeProps {
  id: number;
  onOpen: () => void;
  onMerge: (() => void) | undefined;
}

function Alike({ id, onOpen, onMerge }: AlikeProps) {
  const { t } = useTranslation();
  const customer = useQuery(customerQuery(id)).data?.body;
  if (!customer) return null;
  const name = formatName(customer.name);
  return (
    <li className="flex min-h-14 flex-wrap items-center gap-3">
      <Avatar name={customer.name} />
      <span className="min-w-0 grow text-cell">
        <bdi className="block truncate font-semibold">{name}</bdi>
        {customer.phone && <PhoneText number={customer.phone} className="text-muted" />}
      </span>
      <Button size="sm" aria-label={t('sameCustomer.openOf', { name })} onClick={onOpen}>
        {t('sameCustomer.open')}
      </Button>
      {onMerge && (
        <Button size="sm" aria-label={t('sameCustomer.mergeWith', { name })} onClick={onMerge}>
          {t('sameCustomer.mergeShort')}
        </Button>
      )}
    </li>
  );
}
