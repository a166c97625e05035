import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Undo2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { keys } from '@/api/keys';
import type { Customer } from '@/api/types';
import { Button } from '@/components/ui/button';
import { say, sayProblem } from '@/components/ui/toast';
import { restoreCustomer } from '../actions';

export function RestoreButton({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const restore = useMutation({
    mutationFn: () => restoreCustomer(customer.id),
    onSuccess: () => say(t('customerList.restored', { name: customer.name })),
    onError: (error) => sayProblem(t, error),
    onSettled: () => client.invalidateQueries({ queryKey: keys.customers.all }),
  });
  return (
    <Button size="sm" icon={Undo2} busy={restore.isPending} onClick={() => restore.mutate()}>
      {t('customerList.restore')}
    </Button>
  );
}
