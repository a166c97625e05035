/** Beside a conversation: who it is with, whether the agent answers, and what is marked. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { UserPlus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { Customer, Thread } from '@/api/types';
import { CustomerField } from '@/components/customer-field';
import { Avatar } from '@/components/ui/avatar';
import { Button, buttonClass } from '@/components/ui/button';
import { CopyPhone, PhoneText, Prose } from '@/components/ui/text';
import { formatName } from '@/format/phone';
import { useFormat, useNow } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { usePermission } from '@/session/session';
import { useChangeThread } from './actions';
import { AgentSwitch } from './agent-switch';
import { AssignMenu } from './assign-menu';
import { StateMenu } from './state';
import { phoneOf, useThreadName } from './who';

/** As the page of the customer keeps it. */
export function useCustomerOf(thread: Thread | undefined): Customer | undefined {
  const may = usePermission('customers:read');
  const id = thread?.customer_id ?? 0;
  const { data } = useQuery({
    queryKey: keys.customers.beside(id),
    queryFn: () => take(api.GET('/api/crm/customers/{id}', { params: { path: { id } } })),
    enabled: may && id > 0,
  });
  return data;
}

export function SideCard({ thread, customer }: { thread: Thread; customer: Customer | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const nameOf = useThreadName();
  const phone = phoneOf(thread);
  return (
    <div className="flex flex-col gap-5 p-5">
      <div className="flex flex-col items-center gap-2 text-center">
        <Avatar large name={thread.name ? formatName(thread.name) : null} />
        <p className="max-w-full truncate text-lead font-bold">
          <bdi>{nameOf(thread)}</bdi>
        </p>
        {phone && (
          <span className="flex items-center gap-1 text-cell text-muted">
            <PhoneText number={phone} />
            <CopyPhone number={phone} />
          </span>
        )}
        {thread.customer_id != null && (
          <Link
            to="/crm/customers/$customerId"
            params={{ customerId: String(thread.customer_id) }}
            className={buttonClass('quiet', 'sm')}
          >
            {t('inbox.toCustomerPage')}
          </Link>
        )}
      </div>
      {thread.customer_id == null && <LinkCustomer thread={thread} />}
      <OnPhone thread={thread} />
      <Part>
        <AgentSwitch thread={thread} />
      </Part>
      {customer && <Known customer={customer} />}
      <Part title={t('inbox.labels')}>
        <p className="flex flex-wrap gap-1.5 text-cell">
          {thread.labels.map((label) => (
            <bdi
              key={label}
              className="rounded-full bg-sunken px-2.5 py-0.5 text-caption font-semibold text-muted"
            >
              {label}
            </bdi>
          ))}
          {thread.labels.length === 0 && <span className="text-muted">{t('inbox.noLabels')}</span>}
        </p>
      </Part>
      {thread.waiting_since && (
        <Part title={t('inbox.waitsSince')}>
          <p className="text-cell">{format.when(thread.waiting_since, now)}</p>
        </Part>
      )}
    </div>
  );
}

/** On a phone the conversation's head has no room for it. */
function OnPhone({ thread }: { thread: Thread }) {
  const { t } = useTranslation();
  const mayWrite = usePermission('threads:write');
  const change = useChangeThread(thread.id);
  if (!mayWrite) return null;
  return (
    <div className="flex items-center justify-center gap-3 md:hidden">
      <StateMenu
        thread={thread}
        onChoose={(status) => change.mutate({ change: { status }, done: t('inbox.statusSet') })}
      />
      <AssignMenu thread={thread} />
    </div>
  );
}

function Part({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <section className="border-t border-line pt-4">
      {title && <h3 className="mb-1.5 text-caption font-semibold text-muted">{title}</h3>}
      {children}
    </section>
  );
}

function Known({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const { name } = usePeople();
  const owner = name(customer.owner_id);
  return (
    <>
      {customer.need && (
        <Part title={t('inbox.need')}>
          <Prose className="text-cell">{customer.need}</Prose>
        </Part>
      )}
      {owner && (
        <Part title={t('inbox.owner')}>
          <bdi className="text-cell">{owner}</bdi>
        </Part>
      )}
    </>
  );
}

/** Nobody's conversation yet: whose it is, is chosen. */
function LinkCustomer({ thread }: { thread: Thread }) {
  const { t } = useTranslation();
  const mayWrite = usePermission('threads:write');
  const change = useChangeThread(thread.id);
  const [choosing, setChoosing] = useState(false);
  if (!mayWrite) return null;
  if (!choosing)
    return (
      <Button size="sm" icon={UserPlus} onClick={() => setChoosing(true)}>
        {t('inbox.link')}
      </Button>
    );
  return (
    <CustomerField
      value={null}
      onChoose={(chosen) => {
        if (!chosen) return;
        setChoosing(false);
        change.mutate({
          change: { customer_id: chosen.id },
          done: t('inbox.linked', { name: formatName(chosen.name) }),
        });
      }}
    />
  );
}
