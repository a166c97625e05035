/** One message: theirs at the start, ours at the end. What the agent wrote is marked. */
import { Reply, RotateCw, Smartphone, Sparkles } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message, ThreadNote } from '@/api/types';
import { Button, IconButton } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Prose } from '@/components/ui/text';
import { directionOf } from '@/format/direction';
import { useFormat } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { usePermission, useSession } from '@/session/session';
import { useRetry } from './actions';
import { Content, useKindName } from './content';
import type { Pending } from './outbox';
import { Ticks } from './ticks';

const SHAPE = 'relative min-w-0 max-w-[min(34rem,86%)] rounded-card px-3.5 py-2';

function look(message: Message): string {
  if (message.direction === 'in') return 'rounded-ss-mark border border-line bg-surface';
  if (message.source === 'agent') return 'rounded-se-mark border border-transparent bg-agent-soft';
  return 'rounded-se-mark border border-transparent bg-accent-soft';
}

interface BubbleProps {
  message: Message;
  first: boolean;
  /** The message that it answers, where it is loaded. */
  answered: Message | undefined;
  onReply?: (message: Message) => void;
  onJump?: (message: number) => void;
}

export function Bubble({ message, first, answered, onReply, onJump }: BubbleProps) {
  const { t } = useTranslation();
  const out = message.direction === 'out';
  const mayReply = onReply && !message.deleted_at;
  return (
    <div
      data-message={message.id}
      tabIndex={-1}
      className={cx('group flex items-center gap-1 outline-offset-4', out && 'flex-row-reverse')}
    >
      <div className={cx(SHAPE, look(message))}>
        {first && out && <Author message={message} />}
        {message.reply_to != null && (
          <Quote id={message.reply_to} message={answered} {...(onJump && { onJump })} />
        )}
        <div className="flex items-end justify-between gap-2.5">
          <Content message={message} />
          {out && <Ticks status={message.status} className="-mb-0.5 shrink-0" />}
        </div>
        {out && (message.status === 'failed' || message.status === 'unknown') && (
          <TroubleLine message={message} />
        )}
        <Reactions message={message} />
      </div>
      <Moment message={message} />
      {mayReply && (
        <IconButton
          icon={Reply}
          size="sm"
          tabIndex={-1}
          label={t('inbox.reply')}
          mirrored={!out}
          className="opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 group-focus:opacity-100 max-md:hidden"
          onClick={() => onReply(message)}
        />
      )}
    </div>
  );
}

function Author({ message }: { message: Message }) {
  const { t } = useTranslation();
  const { name } = usePeople();
  const { user } = useSession();
  if (message.source === 'agent')
    return (
      <p className="mb-0.5 flex items-center gap-1.5 text-caption font-semibold text-ink">
        <Sparkles aria-hidden className="size-3.5" />
        {t('inbox.agent')}
      </p>
    );
  if (message.source === 'phone')
    return (
      <p className="mb-0.5 flex items-center gap-1.5 text-caption text-muted">
        <Smartphone aria-hidden className="size-3.5" />
        {t('inbox.fromPhone')}
      </p>
    );
  if (message.source === 'system')
    return <p className="mb-0.5 text-caption text-muted">{t('inbox.automatic')}</p>;
  if (message.author_id === user.id) return null;
  const who = name(message.author_id);
  return who ? <bdi className="mb-0.5 block text-caption font-semibold text-muted">{who}</bdi> : null;
}

function Quote({
  id,
  message,
  onJump,
}: {
  id: number;
  message: Message | undefined;
  onJump?: (message: number) => void;
}) {
  const { t } = useTranslation();
  const text = useBeginning(message);
  return (
    <button
      type="button"
      disabled={!message || !onJump}
      onClick={() => onJump?.(id)}
      aria-label={t('inbox.answers', { text })}
      className="mb-1.5 block w-full rounded-mark border-s-3 border-accent bg-sunken/70 px-2.5 py-1.5 text-start text-caption text-muted disabled:cursor-default"
    >
      <span dir={directionOf(text)} className="line-clamp-2 aligned">
        {text}
      </span>
    </button>
  );
}

/** The first words of a message, or what kind it is. */
export function useBeginning(message: Message | undefined): string {
  const { t } = useTranslation();
  const kindName = useKindName();
  if (!message) return t('inbox.earlier');
  if (message.deleted_at) return t('inbox.deleted');
  return message.text?.trim() || kindName(message.kind);
}

function Moment({ message }: { message: Message }) {
  const { t } = useTranslation();
  const format = useFormat();
  const edited = message.edited_at && !message.deleted_at;
  return (
    <p className="shrink-0 self-end pb-1 text-[12px] leading-4 text-muted">
      {edited && <span className="block">{t('inbox.edited')}</span>}
      <time
        dateTime={message.at}
        dir="ltr"
        className="tabular opacity-0 transition-opacity group-focus-within:opacity-100 group-focus:opacity-100 group-hover:opacity-100 [@media(hover:none)]:opacity-100"
      >
        {format.time(message.at)}
      </time>
    </p>
  );
}

/** Why it did not go, as the server explains it, and another try. */
function TroubleLine({ message }: { message: Message }) {
  const { t, i18n } = useTranslation();
  const maySend = usePermission('messages:send');
  const retry = useRetry(message.thread_id);
  const failed = message.status === 'failed';
  // The server's sentence is Hebrew.
  const why = failed && i18n.language === 'he' ? message.error_text : null;
  return (
    <div
      className={cx(
        'mt-1.5 flex flex-wrap items-center gap-2 text-caption',
        failed ? 'text-danger-text' : 'text-warn-text',
      )}
    >
      <span className="inline-block font-semibold first-letter:uppercase">
        {t(failed ? 'inbox.message.failed' : 'inbox.message.unknown')}
      </span>
      <span>{why || t(failed ? 'inbox.failedHint' : 'inbox.unknownHint')}</span>
      {failed && message.error_code && (
        <bdi dir="ltr" className="font-mono text-[12px]">
          {message.error_code}
        </bdi>
      )}
      {maySend && (
        <Button size="sm" icon={RotateCw} busy={retry.isPending} onClick={() => retry.mutate(message)}>
          {t('inbox.retry')}
        </Button>
      )}
    </div>
  );
}

function Reactions({ message }: { message: Message }) {
  const { t } = useTranslation();
  const given = Object.values(message.reactions ?? {}).filter(Boolean);
  if (given.length === 0) return null;
  return (
    <span
      role="img"
      aria-label={t('inbox.reactions', { emoji: given.join(' ') })}
      className="absolute start-3 -bottom-3 rounded-full border border-line bg-raised px-1.5 text-caption leading-5"
    >
      {given.join(' ')}
    </span>
  );
}

interface PendingProps {
  pending: Pending;
  onAgain: () => void;
  onDiscard: () => void;
}

/** Written here, not at the server yet. */
export function PendingBubble({ pending, onAgain, onDiscard }: PendingProps) {
  const { t } = useTranslation();
  const { content, state } = pending;
  const text = content.kind === 'file' ? content.caption || content.file.name : content.text;
  return (
    <div className="flex flex-row-reverse">
      <div className={cx(SHAPE, 'rounded-se-mark bg-accent-soft')}>
        <Prose className="whitespace-pre-wrap [overflow-wrap:anywhere]">{text}</Prose>
        {state === 'sending' ? (
          <p className="mt-0.5 flex justify-end">
            <Ticks status="sending" />
          </p>
        ) : (
          <div className="mt-1.5 flex flex-wrap items-center gap-2 text-caption text-warn-text">
            <span>{t('inbox.notGone')}</span>
            <Button size="sm" icon={RotateCw} onClick={onAgain}>
              {t('inbox.retry')}
            </Button>
            <Button size="sm" look="ghost" onClick={onDiscard}>
              {t('inbox.discard')}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

export function NoteBubble({ note, children }: { note: ThreadNote; children: ReactNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { name } = usePeople();
  return (
    <div className="group mx-auto w-full max-w-[34rem] rounded-card border border-warn-line bg-warn-soft px-3.5 py-2">
      <p className="flex items-center gap-2 text-caption text-warn-text">
        <span className="font-semibold">{t('inbox.note.title')}</span>
        <bdi>{name(note.author_id) ?? ''}</bdi>
        <time dateTime={note.created_at} dir="ltr" className="tabular">
          {format.time(note.created_at)}
        </time>
      </p>
      {children}
    </div>
  );
}
