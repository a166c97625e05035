import { useRouter } from '@tanstack/react-router';
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
import { ExistingCustomer } from './existing';
import { MaybeSame } from './maybe-same';

const EMPTY = { name: '', phone: '', email: '', notes: '' };
const NEW_CUSTOMER = 'new-customer';

/** Made, and like others who were there before. */
interface Made {
  id: number;
  alike: number[];
}

export function CreateCustomerDialog() {
  const { t } = useTranslation();
  const dialog = useDialog(NEW_CUSTOMER);
  const go = useGo();
  const create = useCreateCustomer();
  const [form, setForm] = useState(EMPTY);
  const [made, setMade] = useState<Made | null>(null);
  const set = (field: keyof typeof EMPTY) => (event: { target: { value: string } }) =>
    setForm({ ...form, [field]: event.target.value });
  const filled = Object.fromEntries(
    Object.entries(form)
      .map(([field, value]) => [field, value.trim()])
      .filter(([, value]) => value),
  );
  const over = (id: number) => {
    setForm(EMPTY);
    setMade(null);
    create.reset();
    go(id);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(
      { name: '', ...filled },
      {
        onSuccess: (customer) => {
          say(t('customers.created', { name: customer.name }));
          if (customer.possible_duplicates.length === 0) over(customer.id);
          else setMade({ id: customer.id, alike: customer.possible_duplicates });
        },
      },
    );
  };
  if (made) return <MaybeSame open={dialog.open} made={made.id} alike={made.alike} onGo={over} />;
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
        {existing !== undefined && <ExistingCustomer id={existing} typed={filled} onGo={over} />}
      </form>
    </Dialog>
  );
}

/** Opens a customer in place of the dialog. */
function useGo(): (id: number) => void {
  const router = useRouter();
  return (id) =>
    void router.navigate({
      to: '/crm/customers/$customerId',
      params: { customerId: String(id) },
      replace: true,
    });
}
