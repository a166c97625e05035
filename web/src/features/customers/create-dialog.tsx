import { Link, useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field, TextField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/states';
import { say } from '@/components/ui/toast';
import { useDialog } from '@/components/ui/use-dialog';
import { fieldText } from '@/i18n/problem-text';
import { useCreateCustomer } from './actions';

const EMPTY = { name: '', phone: '', email: '', notes: '' };

export function CreateCustomerDialog() {
  const { t } = useTranslation();
  const dialog = useDialog('new-customer');
  const router = useRouter();
  const create = useCreateCustomer();
  const [form, setForm] = useState(EMPTY);
  const set = (field: keyof typeof EMPTY) => (event: { target: { value: string } }) =>
    setForm({ ...form, [field]: event.target.value });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const filled = Object.fromEntries(
      Object.entries(form)
        .map(([field, value]) => [field, value.trim()])
        .filter(([, value]) => value),
    );
    create.mutate(
      { name: '', ...filled },
      {
        onSuccess: (customer) => {
          say(t('customers.created', { name: customer.name }));
          setForm(EMPTY);
          void router.navigate({
            to: '/crm/customers/$customerId',
            params: { customerId: String(customer.id) },
            replace: true,
          });
        },
      },
    );
  };
  const existing = isProblem(create.error, 'duplicate_phone') ? create.error.document.existing_id : undefined;
  return (
    <Dialog
      open={dialog.open}
      onClose={dialog.hide}
      title={t('customers.add')}
      actions={
        <>
          <Button look="primary" type="submit" form="new-customer" busy={create.isPending}>
            {t('common.save')}
          </Button>
          <Button onClick={dialog.hide}>{t('common.back')}</Button>
        </>
      }
    >
      <form id="new-customer" onSubmit={submit} className="flex flex-col gap-4 pb-2">
        <Field
          label={t('customers.name')}
          required
          autoComplete="off"
          dir={form.name ? 'auto' : undefined}
          value={form.name}
          error={fieldText(t, create.error, 'name')}
          onChange={set('name')}
        />
        <Field
          label={t('customers.phone')}
          type="tel"
          dir="ltr"
          autoComplete="off"
          value={form.phone}
          error={fieldText(t, create.error, 'phone')}
          onChange={set('phone')}
        />
        <Field
          label={t('customers.email')}
          type="email"
          dir="ltr"
          autoComplete="off"
          value={form.email}
          error={fieldText(t, create.error, 'email')}
          onChange={set('email')}
        />
        <TextField label={t('customers.notes')} value={form.notes} onChange={set('notes')} />
        <Refusal error={create.error} />
        {existing !== undefined && (
          <Link
            to="/crm/customers/$customerId"
            params={{ customerId: String(existing) }}
            replace
            className="self-start font-semibold text-accent-text underline underline-offset-4"
          >
            {t('customers.openExisting')}
          </Link>
        )}
      </form>
    </Dialog>
  );
}
