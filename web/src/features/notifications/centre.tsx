/** What one was told of, the newest first. */
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { BellOff, CheckCheck, Settings2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Notification } from '@/api/types';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Dialog } from '@/components/ui/dialog';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { useFormat, useNow } from '@/format/use-format';
import { iconOf, isKind } from './kinds';
import { notificationsQuery, useMarkRead } from './queries';

export default function Centre({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const router = useRouter();
  const query = useQuery(notificationsQuery);
  const markRead = useMarkRead();
  const list = query.data?.results;
  const unread = query.data?.unread ?? 0;
  const follow = (one: Notification) => {
    if (!one.read_at) markRead.mutate({ ids: [one.id] });
    // In place of the step that the open list is, so that back leads to where one was.
    router.history.replace(one.link);
  };
  return (
    <Dialog
      side
      open
      onClose={onClose}
      title={t('notifications.title')}
      actions={
        <>
          {unread > 0 && (
            <Button
              icon={CheckCheck}
              busy={markRead.isPending}
              onClick={() => markRead.mutate({ all: true })}
            >
              {t('notifications.readAll')}
            </Button>
          )}
          <Button
            look="ghost"
            icon={Settings2}
            onClick={() => void router.navigate({ to: '/notifications', replace: true })}
          >
            {t('notifications.preferences')}
          </Button>
        </>
      }
    >
      {query.isPending && <SkeletonRows rows={5} />}
      {query.isError && !list && <Trouble small error={query.error} onRetry={() => void query.refetch()} />}
      {list?.length === 0 && (
        <Empty icon={BellOff} title={t('notifications.none')} hint={t('notifications.noneHint')} />
      )}
      <ul className="-mx-2 flex flex-col">
        {list?.map((one) => (
          <li key={one.id}>
            <Row one={one} onFollow={() => follow(one)} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Row({ one, onFollow }: { one: Notification; onFollow: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const Icon = iconOf(one.kind);
  const fresh = !one.read_at;
  return (
    <button
      type="button"
      onClick={onFollow}
      className="flex w-full items-start gap-3 rounded-control px-2 py-2.5 text-start transition-colors hover:bg-hover"
    >
      <span
        className={cx(
          'mt-0.5 grid size-8 shrink-0 place-items-center rounded-full',
          fresh ? 'bg-accent-soft text-accent-text' : 'bg-sunken text-muted',
        )}
      >
        <Icon aria-hidden className="size-4" strokeWidth={1.9} />
      </span>
      <span className="min-w-0 grow">
        <span dir="auto" className={cx('aligned block text-cell', fresh ? 'font-semibold' : 'text-muted')}>
          {one.title}
        </span>
        <span className="flex gap-2 text-caption text-muted">
          {isKind(one.kind) && <span>{t(`notifications.kind.${one.kind}`)}</span>}
          <span className="tabular">{format.when(one.created_at, now)}</span>
        </span>
      </span>
      {fresh && (
        <>
          <span aria-hidden className="mt-2 size-2 shrink-0 rounded-full bg-accent" />
          <span className="sr-only">{t('notifications.new')}</span>
        </>
      )}
    </button>
  );
}
