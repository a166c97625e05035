/** The conversations, the last written in first. Of ten thousand, those in sight are drawn and asked for. */
import { Inbox } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { keys } from '@/api/keys';
import type { Thread } from '@/api/types';
import { useEndless } from '@/components/data-table/endless';
import { useSight } from '@/components/data-table/window';
import { Button } from '@/components/ui/button';
import { Empty, Skeleton, SkeletonRows, Trouble } from '@/components/ui/states';
import { useSession } from '@/session/session';
import { asked, type InboxSearch, isNarrowed } from './filters';
import { threadPages } from './queries';
import { ROW_PX, ThreadRow } from './thread-row';

interface ThreadsListProps {
  search: InboxSearch;
  onOpen: (thread: number) => void;
  onClear: () => void;
  /** Where nothing was ever written. */
  empty: ReactNode;
}

export function ThreadsList({ search, onOpen, onClear, empty }: ThreadsListProps) {
  const { t } = useTranslation();
  const { user } = useSession();
  const filters = asked(search, user.id);
  const list = useEndless<Thread>(keys.threads.list(filters), threadPages(filters));
  if (list.isPending) return <SkeletonRows rows={8} />;
  if (list.total === undefined)
    return <Trouble small error={list.error} onRetry={() => void list.refetch()} />;
  if (list.total === 0)
    return isNarrowed(search) ? (
      <Empty
        small
        icon={Inbox}
        title={t('common.noneFound')}
        action={<Button onClick={onClear}>{t('common.clearFilters')}</Button>}
      />
    ) : (
      empty
    );
  return <Rows list={list} total={list.total} chosen={search.thread} onOpen={onOpen} />;
}

interface RowsProps {
  list: ReturnType<typeof useEndless<Thread>>;
  total: number;
  chosen: number | undefined;
  onOpen: (thread: number) => void;
}

function Rows({ list, total, chosen, onOpen }: RowsProps) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLUListElement>(null);
  const { first, end } = useSight({ count: total, row_px: ROW_PX, scroller, area });
  const { want } = list;
  useEffect(() => want(first, end), [want, first, end]);
  const drawn = Array.from({ length: end - first }, (_, at) => first + at);
  return (
    <div ref={scroller} className="min-h-0 grow overflow-y-auto overscroll-contain">
      <ul
        ref={area}
        aria-label={t('inbox.threads')}
        onKeyDown={stepped}
        style={{ paddingBlock: `${first * ROW_PX}px ${(total - end) * ROW_PX}px` }}
      >
        {drawn.map((index) => {
          const thread = list.at(index);
          return (
            <li key={thread ? thread.id : `row ${index}`} aria-setsize={total} aria-posinset={index + 1}>
              {thread ? (
                <ThreadRow thread={thread} chosen={thread.id === chosen} onOpen={onOpen} />
              ) : (
                <div className="flex items-center gap-3 px-4" style={{ height: ROW_PX }}>
                  <Skeleton className="size-8 rounded-full" />
                  <Skeleton className="h-3.5 grow" />
                </div>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** Arrows go from conversation to conversation. */
function stepped(event: KeyboardEvent<HTMLUListElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-thread]')];
  const at = all.indexOf(document.activeElement as HTMLElement);
  const next = all[at + (event.key === 'ArrowDown' ? 1 : -1)];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
}
