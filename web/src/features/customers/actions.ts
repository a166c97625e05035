import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, take, takeWithTag } from '@/api/client';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import type { Customer, CustomerCreate, CustomerPatch } from '@/api/types';
import { say, sayProblem } from '@/components/ui/toast';

interface Versioned {
  body: Customer;
  etag: string | null;
}

export function useCreateCustomer() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: CustomerCreate) => take(api.POST('/api/crm/customers', { body })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.customers.all }),
  });
}

/** Changes some fields, shown at once; refused when someone else changed the customer in between. */
export function useUpdateCustomer(id: number) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const key = keys.customers.one(id);
  return useMutation({
    mutationFn: (body: CustomerPatch) => {
      const etag = client.getQueryData<Versioned>(key)?.etag;
      const headers = etag ? { 'If-Match': etag } : {};
      return takeWithTag(api.PATCH('/api/crm/customers/{id}', { params: { path: { id } }, body, headers }));
    },
    onMutate: async (change) => {
      // What was asked before this change would put the version before it back.
      await client.cancelQueries({ queryKey: key });
      const before = client.getQueryData<Versioned>(key);
      if (before) client.setQueryData<Versioned>(key, { ...before, body: changed(before.body, change) });
      return { before };
    },
    onSuccess: (after) => client.setQueryData(key, after),
    onError: (error, _, context) => {
      if (context?.before) client.setQueryData(key, context.before);
      sayProblem(t, error);
      if (isProblem(error) && error.status === 412) void client.invalidateQueries({ queryKey: key });
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: [...keys.customers.all, 'list'] });
      void client.invalidateQueries({ queryKey: keys.customers.timeline(id) });
    },
  });
}

/** Of the business's own fields those that are not mentioned stay; the first phone and e-mail stand by themselves, too. */
function changed(customer: Customer, change: CustomerPatch): Customer {
  const custom = change.custom && { custom: { ...customer.custom, ...change.custom } };
  const phone = change.phones && { phone: change.phones[0] ?? null };
  const email = change.emails && { email: change.emails[0] ?? null };
  return { ...customer, ...change, ...custom, ...phone, ...email } as Customer;
}

export type NotCustomerReason = 'supplier' | 'wrong_number' | 'spam';

export function useNotCustomer(customer: Customer) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: (reason: NotCustomerReason | null) =>
      take(
        api.POST('/api/crm/customers/{id}/not_customer', {
          params: { path: { id: customer.id } },
          body: { reason },
        }),
      ),
    onSuccess: (_, reason) => {
      const name = customer.name;
      const before = (customer.not_customer ?? null) as NotCustomerReason | null;
      const words =
        reason === null
          ? t('customers.returned', { name })
          : t('customers.markedNotCustomer', { name, reason: t(`customers.reason.${reason}`) });
      say(words, () => mutation.mutate(before));
    },
    onError: (error) => sayProblem(t, error),
    onSettled: () => client.invalidateQueries({ queryKey: keys.customers.all }),
  });
  return mutation;
}

export function useBlock(customer: Customer) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: (blocked: boolean) =>
      take(
        api.POST('/api/crm/customers/{id}/block', {
          params: { path: { id: customer.id } },
          body: { blocked },
        }),
      ),
    onSuccess: (_, blocked) =>
      say(blocked ? t('customers.blockedDone') : t('customers.unblockedDone'), () =>
        mutation.mutate(!blocked),
      ),
    onError: (error) => sayProblem(t, error),
    onSettled: () => client.invalidateQueries({ queryKey: keys.customers.all }),
  });
  return mutation;
}

export function restoreCustomer(id: number): Promise<Customer> {
  return take(api.POST('/api/crm/customers/{id}/restore', { params: { path: { id } } }));
}

/** Deletes a customer; for some seconds, and then for 30 days from the list of deleted ones, that is undone. */
export function useDelete(customer: Customer) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const router = useRouter();
  const refresh = () => client.invalidateQueries({ queryKey: [...keys.customers.all, 'list'] });
  const restore = useMutation({
    mutationFn: () => restoreCustomer(customer.id),
    onSuccess: () => {
      say(t('customerList.restored', { name: customer.name }));
      void client.invalidateQueries({ queryKey: keys.customers.all });
    },
    onError: (error) => sayProblem(t, error),
  });
  return useMutation({
    mutationFn: () => take(api.DELETE('/api/crm/customers/{id}', { params: { path: { id: customer.id } } })),
    onSuccess: async () => {
      await router.navigate({ to: '/crm/customers', search: {} });
      client.removeQueries({ queryKey: keys.customers.one(customer.id) });
      void refresh();
      say(t('sameCustomer.deleted', { name: customer.name }), () => restore.mutate());
    },
    onError: (error) => sayProblem(t, error),
  });
}
