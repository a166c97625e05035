/** From «the same person» to one record: whom, then what of whom, one dialog after the other. */
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import type { Customer } from '@/api/types';
import { useDialog } from '@/components/ui/use-dialog';
import { ChooseOther } from './choose-other';
import { MergeDialog } from './merge-dialog';

export const MERGING = 'merge-customers';

/** Opened by its name; with `other` the first question is answered. */
export function Merging({ customer, other }: { customer: Customer; other?: number | null }) {
  const dialog = useDialog(MERGING);
  const router = useRouter();
  const [picked, setPicked] = useState<number | null>(null);
  const chosen = other ?? picked;
  const close = () => {
    setPicked(null);
    dialog.hide();
  };
  if (!chosen)
    return <ChooseOther open={dialog.open} onClose={close} customer={customer} onChoose={setPicked} />;
  return (
    <MergeDialog
      open={dialog.open}
      onClose={close}
      kept={customer.id}
      other={chosen}
      onMerged={(kept) => {
        setPicked(null);
        // The record that stays takes the place of the dialog.
        void router.navigate({
          to: '/crm/customers/$customerId',
          params: { customerId: String(kept) },
          replace: true,
        });
      }}
    />
  );
}
