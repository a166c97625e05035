/** One conversation: its head, what was written, and where one writes. */
import { useQuery } from '@tanstack/react-query';
import { Bot } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import type { Customer, Message, Thread } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { formatName } from '@/format/phone';
import { usePermission } from '@/session/session';
import { useChangeThread, useMarkRead } from './actions';
import { useAgentReason } from './agent-switch';
import { Composer } from './composer';
import { Head } from './head';
import { useOutbox } from './outbox';
import { threadQuery } from './queries';
import { useCustomerOf } from './side-card';
import { Stream } from './stream';

interface ChatProps {
  id: number;
  onBack?: () => void;
  onCard?: () => void;
  onGone: () => void;
}

export function Chat({ id, ...rest }: ChatProps) {
  const { t } = useTranslation();
  const query = useQuery(threadQuery(id));
  const customer = useCustomerOf(query.data);
  if (query.isPending) return <SkeletonRows rows={6} />;
  if (!query.data) {
    if (isProblem(query.error) && query.error.status === 404)
      return <Empty icon={Bot} title={t('inbox.gone')} hint={t('inbox.goneHint')} />;
    return <Trouble error={query.error} onRetry={() => void query.refetch()} />;
  }
  return <Standing key={id} thread={query.data} customer={customer} {...rest} />;
}

type StandingProps = Omit<ChatProps, 'id'> & { thread: Thread; customer: Customer | undefined };

function Standing({ thread, customer, onBack, onCard, onGone }: StandingProps) {
  const maySend = usePermission('messages:send');
  const mayWrite = usePermission('threads:write');
  const outbox = useOutbox(thread.id);
  const [answering, setAnswering] = useState<Message | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const whole = useRef<HTMLDivElement>(null);
  useReadHere(thread, mayWrite);
  const reply = (message: Message) => {
    setAnswering(message);
    field.current?.focus();
  };
  return (
    <div ref={whole} className="flex h-full min-h-0 min-w-0 flex-col">
      <Head thread={thread} onGone={onGone} {...(onBack && { onBack })} {...(onCard && { onCard })} />
      <HandedOver thread={thread} />
      <Stream thread={thread} outbox={outbox} {...(maySend && { onReply: reply })} />
      {(maySend || mayWrite) && (
        <Composer
          thread={thread}
          name={thread.name ? formatName(thread.name) : null}
          outbox={outbox}
          answering={answering}
          onAnswered={() => setAnswering(null)}
          unwanted={customer?.do_not_contact === true}
          field={field}
          onUp={() => lastMessage(whole.current)?.focus()}
        />
      )}
    </div>
  );
}

function lastMessage(whole: HTMLElement | null): HTMLElement | undefined {
  return [...(whole?.querySelectorAll<HTMLElement>('[data-message]') ?? [])].at(-1);
}

/** What one looks at is read. */
function useReadHere({ id, unread }: Thread, may: boolean): void {
  const { mutate } = useMarkRead(id);
  useEffect(() => {
    if (!may || unread === 0) return;
    const look = () => {
      if (document.visibilityState === 'visible') mutate();
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [unread, may, mutate]);
}

/** The agent gave the conversation to a person: why, and the way back. */
function HandedOver({ thread }: { thread: Thread }) {
  const { t } = useTranslation();
  const mayWrite = usePermission('threads:write');
  const change = useChangeThread(thread.id);
  const reason = useAgentReason()(thread);
  if (thread.bot || !thread.handed_over_at || !reason) return null;
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-warn-line bg-warn-soft px-4 py-1.5 text-caption text-warn-text">
      <Bot aria-hidden className="size-4" />
      <span className="grow">{reason}</span>
      {mayWrite && (
        <Button size="sm" look="ghost" onClick={() => change.mutate({ change: { bot: true } })}>
          {t('inbox.bot.turnOn')}
        </Button>
      )}
    </div>
  );
}
