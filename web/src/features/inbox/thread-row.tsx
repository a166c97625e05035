/** A conversation in the list: with whom, the last words, when, and what is new. */
import { BotOff, UserRound } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Thread } from '@/api/types';
import { Avatar } from '@/components/ui/avatar';
import { Count } from '@/components/ui/badge';
import { cx } from '@/components/ui/cx';
import { directionOf } from '@/format/direction';
import { formatName } from '@/format/phone';
import { useFormat, useNow } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { useKindName } from './content';
import { useThreadName } from './who';

/** All rows are equally tall. */
export const ROW_PX = 76;

interface ThreadRowProps {
  thread: Thread;
  chosen: boolean;
  onOpen: (thread: number) => void;
}

export const ThreadRow = memo(function ThreadRow({ thread, chosen, onOpen }: ThreadRowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const nameOf = useThreadName();
  const kindName = useKindName();
  const { name } = usePeople();
  const fresh = thread.unread > 0;
  const words =
    thread.last_message_text ?? (thread.last_message_kind ? kindName(thread.last_message_kind) : '');
  const assignee = name(thread.assignee_id);
  return (
    <button
      type="button"
      data-thread={thread.id}
      aria-current={chosen ? 'true' : undefined}
      onClick={() => onOpen(thread.id)}
      style={{ height: ROW_PX }}
      className={cx(
        'flex w-full items-center gap-3 border-b border-line px-4 text-start -outline-offset-2 transition-colors',
        chosen ? 'bg-accent-soft' : 'hover:bg-hover',
      )}
    >
      <Avatar name={thread.name ? formatName(thread.name) : null} />
      <span className="min-w-0 grow">
        <span className="flex items-baseline gap-2">
          <bdi
            className={cx('aligned min-w-0 grow truncate text-cell', fresh ? 'font-bold' : 'font-semibold')}
          >
            {nameOf(thread)}
          </bdi>
          <time dateTime={thread.last_message_at} className="shrink-0 text-[12px] text-muted">
            {format.when(thread.last_message_at, now)}
          </time>
        </span>
        <span className="flex items-center gap-2">
          <span className={cx('flex min-w-0 grow gap-1 text-caption', fresh ? 'text-ink' : 'text-muted')}>
            {thread.last_message_direction === 'out' && (
              <span className="shrink-0 text-muted">{t('inbox.us')}</span>
            )}
            <span dir={directionOf(words)} className="min-w-0 truncate aligned">
              {words}
            </span>
          </span>
          {!thread.bot && thread.handed_over_at && (
            <BotOff
              role="img"
              aria-label={t('inbox.bot.handedOver')}
              className="size-3.5 shrink-0 text-warn-text"
            />
          )}
          {fresh && <Count label={t('inbox.unread', { count: thread.unread })}>{thread.unread}</Count>}
        </span>
        {assignee && (
          <span className="flex items-center gap-1 text-[12px] leading-4 text-muted">
            <UserRound aria-hidden className="size-3 shrink-0" />
            <bdi className="truncate">{assignee}</bdi>
          </span>
        )}
      </span>
    </button>
  );
});
