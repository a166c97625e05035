/** What was written with a customer: the conversation itself, or the messages of some days. */
import { useQuery } from '@tanstack/react-query';
import { CalendarDays, MessagesSquare, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Customer, Message } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Panel } from '@/components/ui/panel';
import { Select } from '@/components/ui/select';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { addDays, momentOfDay } from '@/format/dates';
import { useFormat, useZone } from '@/format/use-format';
import { usePermission } from '@/session/session';
import { Bubble } from './bubble';
import { Chat } from './chat';
import { FirstMessage } from './first-message';
import { linesOf } from './lines';
import { messagesOfQuery, threadsOfQuery } from './queries';
import { DayLine } from './stream';
import { useThreadName } from './who';

export function CustomerChat({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const nameOf = useThreadName();
  const mayRead = usePermission('messages:read');
  const query = useQuery(threadsOfQuery(customer.id));
  const [chosen, setChosen] = useState<number | null>(null);
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const threads = query.data?.results ?? [];
  const thread = chosen ?? threads[0]?.id;
  if (query.isPending) return <SkeletonRows rows={5} />;
  if (!query.data) return <Trouble error={query.error} onRetry={() => void query.refetch()} />;
  if (!thread)
    return (
      <Panel>
        <Empty
          icon={MessagesSquare}
          title={t('inbox.noneOfCustomer')}
          hint={t(customer.phone ? 'inbox.noneOfCustomerHint' : 'inbox.noPhone')}
        />
        {customer.phone && <FirstMessage customer={customer} />}
      </Panel>
    );
  const narrowed = from !== '' || to !== '';
  return (
    <Panel className="overflow-hidden">
      <div className="flex flex-wrap items-end gap-3 border-b border-line px-5 py-3">
        {threads.length > 1 && (
          <Select
            small
            labelHidden
            label={t('inbox.chat')}
            value={String(thread)}
            options={threads.map((one) => ({ value: String(one.id), label: nameOf(one) }))}
            onChoose={(value) => setChosen(Number(value))}
          />
        )}
        {mayRead && (
          <>
            <Field
              label={t('inbox.from')}
              type="date"
              max={to || undefined}
              value={from}
              onChange={(event) => setFrom(event.target.value)}
            />
            <Field
              label={t('inbox.to')}
              type="date"
              min={from || undefined}
              value={to}
              onChange={(event) => setTo(event.target.value)}
            />
            {narrowed && (
              <Button
                icon={X}
                onClick={() => {
                  setFrom('');
                  setTo('');
                }}
              >
                {t('common.clearFilters')}
              </Button>
            )}
          </>
        )}
      </div>
      {narrowed ? (
        <SomeDays customer={customer.id} thread={thread} from={from} to={to} />
      ) : (
        <div className="h-[min(44rem,75dvh)]">
          <Chat id={thread} onGone={() => void query.refetch()} />
        </div>
      )}
    </Panel>
  );
}

interface SomeDaysProps {
  customer: number;
  thread: number;
  from: string;
  to: string;
}

function SomeDays({ customer, thread, from, to }: SomeDaysProps) {
  const { t } = useTranslation();
  const zone = useZone();
  const format = useFormat();
  const days = {
    ...(from && { from: momentOfDay(zone, from).toISOString() }),
    // The last day is in it whole.
    ...(to && { to: momentOfDay(zone, addDays(to, 1)).toISOString() }),
  };
  const query = useQuery(messagesOfQuery(customer, days));
  if (query.isPending) return <SkeletonRows rows={5} />;
  if (!query.data) return <Trouble error={query.error} onRetry={() => void query.refetch()} />;
  const messages = query.data.results.filter((one) => one.thread_id === thread).reverse();
  if (messages.length === 0)
    return <Empty icon={CalendarDays} title={t('inbox.noneThen')} hint={t('inbox.noneThenHint')} />;
  const byId = new Map<number, Message>(messages.map((message) => [message.id, message]));
  const lines = linesOf({ messages, notes: [], pending: [], whole: true, dayOf: format.date });
  return (
    <div className="flex flex-col gap-2 bg-canvas px-5 py-4">
      {query.data.total > query.data.results.length && (
        <p className="text-center text-caption text-muted">
          {t('inbox.lastOfMany', { count: query.data.results.length })}
        </p>
      )}
      {lines.map((line) => {
        if (line.kind === 'day') return <DayLine key={line.key} at={line.at} />;
        if (line.kind !== 'message') return null;
        const { message, first } = line;
        return (
          <Bubble key={line.key} message={message} first={first} answered={byId.get(message.reply_to ?? 0)} />
        );
      })}
    </div>
  );
}
