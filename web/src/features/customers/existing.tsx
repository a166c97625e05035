/** Somebody else has this phone: who, and what can be done with what was typed. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { Customer, CustomerPatch } from '@/api/types';
import { Avatar } from '@/components/ui/avatar';
import { Button, buttonClass } from '@/components/ui/button';
import { Refusal } from '@/components/ui/states';
import { PhoneText } from '@/components/ui/text';
import { say } from '@/components/ui/toast';
import { formatName, isPhone } from '@/format/phone';
import { customerQuery } from './queries';

interface ExistingProps {
  id: number;
  typed: CustomerPatch;
  onGo: (id: number) => void;
}

export function ExistingCustomer({ id, typed, onGo }: ExistingProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data } = useQuery(customerQuery(id));
  const fill = useMutation({
    mutationFn: (customer: Customer) =>
      take(
        api.PATCH('/api/crm/customers/{id}', {
          params: { path: { id } },
          body: added(customer, typed),
          headers: data?.etag ? { 'If-Match': data.etag } : {},
        }),
      ),
    onSuccess: (customer) => {
      say(t('sameCustomer.filled', { name: customer.name }));
      onGo(id);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.customers.all }),
  });
  const customer = data?.body;
  return (
    <div className="flex flex-wrap items-center gap-3 rounded-control border border-line px-3 py-2.5">
      {customer && (
        <>
          <Avatar name={customer.name} />
          <span className="min-w-0 grow text-cell">
            <bdi className="block truncate font-semibold">{formatName(customer.name)}</bdi>
            {customer.phone && <PhoneText number={customer.phone} className="text-muted" />}
          </span>
        </>
      )}
      <Link
        to="/crm/customers/$customerId"
        params={{ customerId: String(id) }}
        replace
        className={buttonClass('quiet', 'sm')}
      >
        {t('customers.openExisting')}
      </Link>
      {customer && Object.keys(added(customer, typed)).length > 0 && (
        <Button size="sm" busy={fill.isPending} onClick={() => fill.mutate(customer)}>
          {t('sameCustomer.fill')}
        </Button>
      )}
      <Refusal error={fill.error} />
    </div>
  );
}

/** What was typed and is not there yet; nothing that is there is lost. */
function added(customer: Customer, typed: CustomerPatch): CustomerPatch {
  const more: CustomerPatch = {};
  if (typed.name && isPhone(customer.name)) more.name = typed.name;
  if (typed.email && !customer.emails.includes(typed.email.toLowerCase()))
    more.emails = [...customer.emails, typed.email];
  if (typed.notes && !customer.notes?.includes(typed.notes))
    more.notes = [customer.notes, typed.notes].filter(Boolean).join('\n');
  return more;
}
