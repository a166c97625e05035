/** Everything that happened with a customer, newest first, a heading per day. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { History, Sparkles } from 'lucide-react';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { TimelineItem } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Panel } from '@/components/ui/panel';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { Prose } from '@/components/ui/text';
import { Tooltip } from '@/components/ui/tooltip';
import { useFormat, useNow } from '@/format/use-format';
import { describe } from './describe';

const PAGE = 30;

export function Timeline({ customer }: { customer: number }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery({
    queryKey: keys.customers.timeline(customer),
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/customers/{id}/timeline', {
          params: {
            path: { id: customer },
            query: asQuery({ limit: PAGE, ...(pageParam && { before: pageParam }) }),
          },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const items = query.data?.pages.flatMap((page) => page.items);
  return (
    <Panel>
      {query.isPending && <SkeletonRows rows={5} />}
      {query.isError && !items && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
      {items?.length === 0 && (
        <Empty icon={History} title={t('customers.timelineEmpty')} hint={t('customers.timelineEmptyHint')} />
      )}
      {items && items.length > 0 && <Days items={items} />}
      {query.hasNextPage && (
        <div className="grid place-items-center pb-5">
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('common.showMore')}
          </Button>
        </div>
      )}
    </Panel>
  );
}

function Days({ items }: { items: readonly TimelineItem[] }) {
  const format = useFormat();
  const now = useNow();
  let last = '';
  return (
    <ol className="px-5 py-4 max-md:px-4">
      {items.map((item) => {
        const day = format.day(item.ts, now);
        const heading = day !== last;
        last = day;
        return (
          <Fragment key={`${item.type}:${item.ref_id}`}>
            {heading && (
              <li className="pt-3 pb-2 text-caption font-semibold text-muted first:pt-0">
                <h2 className="font-semibold">{day}</h2>
              </li>
            )}
            <Event item={item} time={format.time(item.ts)} />
          </Fragment>
        );
      })}
    </ol>
  );
}

function Event({ item, time }: { item: TimelineItem; time: string }) {
  const { t } = useTranslation();
  const { icon: Icon, title, body, call, byAi } = describe(t, item);
  return (
    <li className="group relative flex gap-3 pb-5 last:pb-1">
      <span aria-hidden className="absolute start-[15px] top-9 bottom-1 w-px bg-line group-last:hidden" />
      <span className="grid size-8 shrink-0 place-items-center rounded-full bg-sunken text-muted">
        <Icon aria-hidden className="size-4" strokeWidth={1.9} />
      </span>
      <div className="min-w-0 grow pt-1">
        <div className="flex items-baseline gap-2">
          <p className="min-w-0 grow text-cell font-semibold">
            {title}
            {byAi && (
              <Tooltip text={t('common.byAi')}>
                <span
                  role="img"
                  aria-label={t('common.byAi')}
                  className="ms-1.5 inline-flex align-[-2px] text-agent"
                >
                  <Sparkles aria-hidden className="size-3.5" />
                </span>
              </Tooltip>
            )}
          </p>
          <time dateTime={item.ts} className="tabular shrink-0 text-caption text-muted">
            {time}
          </time>
        </div>
        {body && <Prose className="mt-0.5 text-cell text-muted">{body}</Prose>}
        {call !== null && (
          <Link
            to="/calls/$callId"
            params={{ callId: String(call) }}
            className="target mt-1 inline-flex items-center rounded-mark text-caption font-semibold text-accent-text hover:underline"
          >
            {t('customers.openCall')}
          </Link>
        )}
      </div>
    </li>
  );
}
