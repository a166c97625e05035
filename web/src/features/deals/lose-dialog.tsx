/** Why a deal came to nothing: one of the reasons given before, or other words. */
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Deal } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { useLose } from './actions';
import { lossesQuery } from './queries';

interface LoseProps {
  open: boolean;
  onClose: () => void;
  deal: Deal;
}

const SUGGESTED = 5;
const LONGEST = 300;

export function LoseDialog({ open, onClose, deal }: LoseProps) {
  return open ? <Form key={deal.id} deal={deal} onClose={onClose} /> : null;
}

function Form({ deal, onClose }: Omit<LoseProps, 'open'>) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const losses = useQuery(lossesQuery({}));
  const lose = useLose();
  const before = (losses.data?.reasons ?? []).flatMap((loss) => loss.reason ?? []);
  const usual = [t('deals.reason.price'), t('deals.reason.competitor'), t('deals.reason.silent')];
  const suggested = [...new Set([...before, ...usual])].slice(0, SUGGESTED);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!reason.trim()) return;
    lose.mutate({ deal, reason: reason.trim() });
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('deals.loseTitle', { title: deal.title })}
      lead={t('deals.loseLead')}
      actions={
        <>
          <Button look="primary" type="submit" form="lose-deal">
            {t('deals.loseIt')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      <form id="lose-deal" onSubmit={submit} className="flex flex-col gap-3 pb-2">
        <Field
          label={t('deals.reasonLabel')}
          required
          autoComplete="off"
          maxLength={LONGEST}
          dir={reason ? 'auto' : undefined}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <div className="flex flex-wrap gap-2">
          {suggested.map((words) => (
            <Button key={words} size="sm" onClick={() => setReason(words)}>
              <bdi>{words}</bdi>
            </Button>
          ))}
        </div>
      </form>
    </Dialog>
  );
}
