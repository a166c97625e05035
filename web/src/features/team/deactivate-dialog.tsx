import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import type { User } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Select } from '@/components/ui/select';
import { Refusal } from '@/components/ui/states';
import { say } from '@/components/ui/toast';

interface DeactivateProps {
  open: boolean;
  onClose: () => void;
  user: User;
  people: readonly User[];
}

/** Ends somebody's access; what they had in hand goes to a colleague in the same step. */
export function DeactivateDialog({ open, onClose, user, people }: DeactivateProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [heir, setHeir] = useState('');
  const deactivate = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/users/{id}/deactivate', {
          params: { path: { id: user.id }, query: asQuery(heir ? { hand_over_to: heir } : {}) },
        }),
      ),
    onSuccess: () => {
      say(t('team.deactivated', { name: user.name }));
      onClose();
      // Customers, tasks and calls have changed hands.
      void client.invalidateQueries();
    },
  });
  const heirs = people.filter((other) => other.id !== user.id && !other.invited);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('team.deactivateTitle', { name: user.name })}
      lead={t('team.deactivateLead')}
      actions={
        <>
          <Button look="danger" busy={deactivate.isPending} onClick={() => deactivate.mutate()}>
            {t('team.deactivate')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 pb-2">
        <Select
          label={t('team.handOver')}
          value={heir}
          options={[
            { value: '', label: t('team.handOverNobody') },
            ...heirs.map((other) => ({ value: String(other.id), label: other.name })),
          ]}
          onChoose={setHeir}
        />
        <Refusal error={deactivate.error} />
      </div>
    </Dialog>
  );
}
