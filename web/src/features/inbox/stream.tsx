/** The messages of a conversation. It stays where one reads: at the newest, or at what one scrolled back to. */
import { useQuery } from '@tanstack/react-query';
import { MessagesSquare } from 'lucide-react';
import {
  type KeyboardEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
} from 'react';
import { useTranslation } from 'react-i18next';
import type { Message, Thread } from '@/api/types';
import { MentionText } from '@/components/mention-text';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { directionOf } from '@/format/direction';
import { useFormat, useNow } from '@/format/use-format';
import { usePermission } from '@/session/session';
import { Bubble, NoteBubble, PendingBubble } from './bubble';
import type { Chat } from './chat-cache';
import { type Line, linesOf } from './lines';
import type { useOutbox } from './outbox';
import { chatQuery, notesQuery, useOlder } from './queries';

/** So near to the end one reads the newest. */
const NEAR_PX = 120;
/** So near to the beginning what is older is fetched. */
const AHEAD_PX = 400;

interface StreamProps {
  thread: Thread;
  outbox: ReturnType<typeof useOutbox>;
  onReply?: (message: Message) => void;
}

export function Stream({ thread, outbox, onReply }: StreamProps) {
  const { t } = useTranslation();
  const mayRead = usePermission('messages:read');
  const chat = useQuery({ ...chatQuery(thread.id), enabled: mayRead });
  const notes = useQuery(notesQuery(thread.id));
  const format = useFormat();
  const lines = useMemo(
    () =>
      linesOf({
        messages: chat.data?.messages ?? [],
        notes: notes.data ?? [],
        pending: outbox.pending,
        whole: chat.data?.older === null,
        dayOf: format.date,
      }),
    [chat.data, notes.data, outbox.pending, format],
  );
  if (chat.isPending) return <SkeletonRows rows={6} />;
  if (!chat.data) return <Trouble error={chat.error} onRetry={() => void chat.refetch()} />;
  if (lines.length === 0)
    return <Empty icon={MessagesSquare} title={t('inbox.emptyChat')} hint={t('inbox.emptyChatHint')} />;
  return (
    <Lines thread={thread} chat={chat.data} lines={lines} outbox={outbox} {...(onReply && { onReply })} />
  );
}

function Lines({
  thread,
  chat,
  lines,
  outbox,
  onReply,
}: StreamProps & { chat: Chat; lines: readonly Line[] }) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const older = useOlder(thread.id);
  const { onScroll } = useKeptPlace(scroller, lines);
  const byId = useMemo(() => new Map(chat.messages.map((message) => [message.id, message])), [chat.messages]);
  const back = () => {
    if (chat.older !== null && !older.isPending) older.mutate(chat.older);
  };
  const jump = useCallback((id: number) => {
    const found = scroller.current?.querySelector<HTMLElement>(`[data-message="${id}"]`);
    found?.scrollIntoView({ block: 'center' });
    found?.focus({ preventScroll: true });
  }, []);
  const onKeyDown = (event: KeyboardEvent) => keyPressed(event, scroller.current, byId, onReply);
  return (
    <div
      ref={scroller}
      role="log"
      aria-label={t('inbox.messages')}
      aria-live="polite"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard, and arrows go through it
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={(event) => {
        onScroll();
        if (event.currentTarget.scrollTop < AHEAD_PX) back();
      }}
      className="flex min-h-0 grow flex-col gap-2 overflow-y-auto overscroll-contain px-4 py-4 [overflow-anchor:none] md:px-6"
    >
      {older.isPending && (
        <p role="status" className="py-2 text-center text-caption text-muted">
          {t('common.loading')}
        </p>
      )}
      {chat.older === null && (
        <p className="pb-2 text-center text-caption text-muted">{t('inbox.beginning')}</p>
      )}
      <span aria-hidden className="grow" />
      {lines.map((line) => (
        <OneLine
          key={line.key}
          line={line}
          byId={byId}
          outbox={outbox}
          onJump={jump}
          {...(onReply && { onReply })}
        />
      ))}
    </div>
  );
}

interface OneLineProps {
  line: Line;
  byId: ReadonlyMap<number, Message>;
  outbox: ReturnType<typeof useOutbox>;
  onReply?: (message: Message) => void;
  onJump: (message: number) => void;
}

function OneLine({ line, byId, outbox, onReply, onJump }: OneLineProps) {
  switch (line.kind) {
    case 'day':
      return <DayLine at={line.at} />;
    case 'note':
      return (
        <NoteBubble note={line.note}>
          <MentionText text={line.note.text} />
        </NoteBubble>
      );
    case 'pending':
      return (
        <PendingBubble
          pending={line.pending}
          onAgain={() => outbox.again(line.pending)}
          onDiscard={() => outbox.discard(line.pending)}
        />
      );
    default:
      return (
        <Bubble
          message={line.message}
          first={line.first}
          answered={byId.get(line.message.reply_to ?? 0)}
          onJump={onJump}
          {...(onReply && { onReply })}
        />
      );
  }
}

export function DayLine({ at }: { at: string }) {
  const format = useFormat();
  const now = useNow();
  const day = format.day(at, now);
  return (
    <h3 className="sticky top-0 z-1 mx-auto my-1 w-fit rounded-full bg-sunken px-3 py-0.5 text-caption font-semibold text-muted">
      <span dir={directionOf(day)}>{day}</span>
    </h3>
  );
}

/** Arrows go from message to message; Enter answers the one that has the focus. */
function keyPressed(
  event: KeyboardEvent,
  scroller: HTMLElement | null,
  byId: ReadonlyMap<number, Message>,
  onReply: ((message: Message) => void) | undefined,
): void {
  const here = event.target instanceof HTMLElement ? event.target : null;
  const own = here === scroller || here?.dataset.message !== undefined;
  if (!own || !scroller) return;
  const all = [...scroller.querySelectorAll<HTMLElement>('[data-message]')];
  const at = here ? all.indexOf(here) : -1;
  if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
    const next = at < 0 ? all.at(-1) : all[at + (event.key === 'ArrowUp' ? -1 : 1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  } else if (event.key === 'Enter') {
    const message = byId.get(Number(here?.dataset.message));
    if (!message || !onReply || message.deleted_at) return;
    event.preventDefault();
    onReply(message);
  }
}

/** Who reads the newest sees what comes; who has scrolled back stays at the same message when older ones come above. */
function useKeptPlace(scroller: RefObject<HTMLDivElement | null>, lines: readonly Line[]) {
  const place = useRef({ atEnd: true, height: 0, top: 0, first: '' });
  const take = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    place.current.atEnd = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    place.current.top = scrollTop;
    place.current.height = scrollHeight;
  }, [scroller]);
  const first = lines.find(({ kind }) => kind === 'message')?.key ?? '';
  const last = lines.at(-1);
  useLayoutEffect(() => {
    const element = scroller.current;
    const before = place.current;
    if (!element) return;
    const written = last?.kind === 'pending';
    if (before.first !== '' && first !== before.first && !before.atEnd) {
      element.scrollTop = before.top + (element.scrollHeight - before.height);
    } else if (before.atEnd || written) {
      element.scrollTop = element.scrollHeight;
    }
    before.first = first;
    take();
  }, [scroller, first, last, take]);
  // Pictures that arrive and a composer that grows move the end.
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const keep = () => {
      if (place.current.atEnd) element.scrollTop = element.scrollHeight;
    };
    const watcher = new ResizeObserver(keep);
    watcher.observe(element);
    element.addEventListener('load', keep, { capture: true });
    return () => {
      watcher.disconnect();
      element.removeEventListener('load', keep, { capture: true });
    };
  }, [scroller]);
  return { onScroll: take };
}
