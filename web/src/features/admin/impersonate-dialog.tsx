/** Acting in a business's name: as whom and why, both of which are recorded. */
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { Business } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { Select } from '@/components/ui/select';
import { Refusal } from '@/components/ui/states';
import { fieldText } from '@/i18n/problem-text';

interface ImpersonateProps {
  open: boolean;
  onClose: () => void;
  business: Business;
}

const peopleOf = (business: number) => {
  const filters = { business_id: business, limit: 100, sort: 'name' };
  return queryOptions({
    queryKey: keys.platform.people(filters),
    queryFn: () => take(api.GET('/api/users', { params: { query: asQuery(filters) } })),
  });
};

export function ImpersonateDialog({ open, onClose, business }: ImpersonateProps) {
  return open ? <Form key={business.id} business={business} onClose={onClose} /> : null;
}

function Form({ business, onClose }: Omit<ImpersonateProps, 'open'>) {
  const { t } = useTranslation();
  const people = useQuery(peopleOf(business.id));
  const [person, setPerson] = useState('');
  const [reason, setReason] = useState('');
  const begin = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/admin/impersonate', {
          body: {
            business_id: business.id,
            reason: reason.trim(),
            ...(person && { user_id: Number(person) }),
          },
        }),
      ),
    // From here on everything that was loaded is somebody else's.
    onSuccess: () => window.location.assign('/crm'),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    begin.mutate();
  };
  const actable = (people.data?.results ?? []).filter((user) => user.role !== 'admin' && !user.invited);
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('admin.impersonate.of', { name: business.name })}
      lead={t('admin.impersonate.lead')}
      actions={
        <>
          <Button look="primary" type="submit" form="impersonate" busy={begin.isPending}>
            {t('admin.impersonate.begin')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      <form id="impersonate" onSubmit={submit} className="flex flex-col gap-4 pb-2">
        <TextField
          label={t('admin.impersonate.reason')}
          hint={t('admin.impersonate.reasonHint')}
          required
          rows={2}
          maxLength={500}
          value={reason}
          error={fieldText(t, begin.error, 'reason')}
          onChange={(event) => setReason(event.target.value)}
        />
        <Select
          label={t('admin.impersonate.as')}
          value={person}
          options={[
            { value: '', label: t('admin.impersonate.asBusiness') },
            ...actable.map((user) => ({
              value: String(user.id),
              label: `${user.name} · ${t(`shell.role.${user.role as 'owner'}`)}`,
            })),
          ]}
          onChoose={setPerson}
        />
        <Refusal error={begin.error} />
      </form>
    </Dialog>
  );
}
