/** Erasing a person for good: first what it means, then why. There is no way back, so it takes two steps. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import type { Customer } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Refusal } from '@/components/ui/states';
import { say } from '@/components/ui/toast';
import { useDialog } from '@/components/ui/use-dialog';
import { formatName } from '@/format/phone';
import { namesPerson } from './names-person';

export const FORGETTING = 'forget-customer';
const CONSEQUENCES = ['details', 'calls', 'texts', 'kept', 'forever'] as const;
const MOST_CHARS = 300;

export function ForgetDialog({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const dialog = useDialog(FORGETTING);
  const [understood, setUnderstood] = useState(false);
  const [reason, setReason] = useState('');
  const forget = useForget(customer);
  const named = namesPerson(reason, customer);
  const close = () => {
    setUnderstood(false);
    dialog.hide();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() && !named) forget.mutate(reason.trim());
  };
  const running = isProblem(forget.error, 'call_running') ? t('sameCustomer.forget.running') : undefined;
  return (
    <Dialog
      open={dialog.open}
      onClose={close}
      title={t('sameCustomer.forget.title', { name: formatName(customer.name) })}
      actions={
        <>
          {understood ? (
            <Button
              look="danger"
              type="submit"
              form="forget"
              busy={forget.isPending}
              disabled={!reason.trim() || named}
            >
              {t('sameCustomer.forget.do')}
            </Button>
          ) : (
            <Button onClick={() => setUnderstood(true)}>{t('sameCustomer.forget.next')}</Button>
          )}
          <Button onClick={close}>{t('common.back')}</Button>
        </>
      }
    >
      {!understood && (
        <ul className="flex list-disc flex-col gap-2 ps-5 pb-3 text-cell">
          {CONSEQUENCES.map((one) => (
            <li key={one} className={one === 'forever' ? 'font-bold text-danger-text' : undefined}>
              {t(`sameCustomer.forget.${one}`)}
            </li>
          ))}
        </ul>
      )}
      {understood && (
        <form id="forget" onSubmit={submit} className="flex flex-col gap-4 pb-3">
          <Field
            // The step before it is over.
            autoFocus
            required
            label={t('sameCustomer.forget.reason')}
            hint={t('sameCustomer.forget.reasonHint')}
            error={named ? t('sameCustomer.forget.named') : undefined}
            maxLength={MOST_CHARS}
            autoComplete="off"
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <Refusal error={forget.error} text={running} />
        </form>
      )}
    </Dialog>
  );
}

function useForget(customer: Customer) {
  const { t } = useTranslation();
  const router = useRouter();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) =>
      take(
        api.POST('/api/crm/customers/{id}/forget', {
          params: { path: { id: customer.id } },
          body: { reason },
        }),
      ),
    onSuccess: async () => {
      say(t('sameCustomer.forget.done'));
      // The page of the forgotten one is neither shown nor gone back to.
      await router.navigate({ to: '/crm/customers', replace: true });
      client.removeQueries({ queryKey: keys.customers.one(customer.id) });
      void client.invalidateQueries();
    },
  });
}
