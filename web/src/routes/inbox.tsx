import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { MessagesSquare } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { FilterChip, FilterMenu, SearchBox, Views } from '@/components/data-table/toolbar';
import { useKeys } from '@/components/keyboard';
import { buttonClass } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Dialog } from '@/components/ui/dialog';
import { MenuChoice, MenuLabel, MenuLine, MenuToggle } from '@/components/ui/menu';
import { Empty } from '@/components/ui/states';
import { useDialog } from '@/components/ui/use-dialog';
import { useNarrow, useRoomy } from '@/components/use-narrow';
import { Chat } from '@/features/inbox/chat';
import { type InboxSearch, STATES, WHOSE } from '@/features/inbox/filters';
import { threadQuery } from '@/features/inbox/queries';
import { SideCard, useCustomerOf } from '@/features/inbox/side-card';
import { ThreadsList } from '@/features/inbox/threads-list';
import { usePermission } from '@/session/session';
import { useCrumbs } from '@/shell/crumbs';

const route = getRouteApi('/inside/inbox');

type Change = { [K in keyof InboxSearch]?: InboxSearch[K] | undefined };

const CARD = 'thread-card';
const PANE = 'flex min-h-0 min-w-0 flex-col bg-surface';
const WHOLE = 'md:h-[calc(100dvh-4rem-var(--above,0px))]';

export function InboxPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const narrow = useNarrow();
  const roomy = useRoomy();
  const { thread } = search;
  useCrumbs({ label: t('inbox.title') });
  const set = useCallback(
    (change: Change, replace = true) =>
      void navigate({
        search: (before) =>
          Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, v]) => v)) as InboxSearch,
        replace,
        resetScroll: false,
      }),
    [navigate],
  );
  // A step in the history: back leads to the list, or to the conversation before.
  const open = useCallback((id: number) => set({ thread: id }, false), [set]);
  const card = useDialog(CARD);
  const close = () => set({ thread: undefined });
  if (narrow && thread)
    return (
      <WholeWindow>
        <h1 className="sr-only">{t('inbox.title')}</h1>
        <Chat
          id={thread}
          onBack={() => (history.length > 1 ? history.back() : close())}
          onCard={card.show}
          onGone={close}
        />
        <CardDialog thread={thread} open={card.open} onClose={card.hide} />
      </WholeWindow>
    );
  return (
    <div
      className={cx(
        'grid min-h-0 overflow-hidden md:-mx-8 md:-mt-6 md:-mb-8 md:border-x md:border-line',
        'max-md:-mx-4 max-md:-mt-4 max-md:-mb-44 max-md:h-[calc(100dvh-7rem-var(--above,0px)-env(safe-area-inset-bottom))]',
        !(thread && roomy) && 'md:grid-cols-[20rem_minmax(0,1fr)]',
        thread !== undefined && roomy && 'md:grid-cols-[20rem_minmax(0,1fr)_18rem]',
        WHOLE,
      )}
    >
      <section aria-label={t('inbox.threads')} className={cx(PANE, 'md:border-e md:border-line')}>
        <ListHead search={search} onChange={set} />
        <ThreadsList
          search={search}
          onOpen={open}
          onClear={() =>
            set({ whose: undefined, status: undefined, unread: undefined, label: undefined, q: undefined })
          }
          empty={<NothingYet />}
        />
      </section>
      {!narrow && (
        <section aria-label={t('inbox.chat')} className="min-h-0 min-w-0 bg-canvas">
          {thread ? (
            <Chat id={thread} onGone={close} {...(!roomy && { onCard: card.show })} />
          ) : (
            <Empty icon={MessagesSquare} title={t('inbox.choose')} hint={t('inbox.chooseHint')} />
          )}
        </section>
      )}
      {roomy && thread && (
        <aside
          aria-label={t('inbox.card')}
          className="min-h-0 overflow-y-auto border-s border-line bg-surface"
        >
          <Card thread={thread} />
        </aside>
      )}
      {!narrow && !roomy && thread && <CardDialog thread={thread} open={card.open} onClose={card.hide} />}
    </div>
  );
}

/** A phone's window, as far as its keyboard leaves it free. */
function WholeWindow({ children }: { children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const view = window.visualViewport;
    if (!view) return;
    const settle = () => {
      const element = box.current;
      if (!element) return;
      element.style.height = `${view.height}px`;
      element.style.top = `${view.offsetTop}px`;
    };
    settle();
    view.addEventListener('resize', settle);
    view.addEventListener('scroll', settle);
    return () => {
      view.removeEventListener('resize', settle);
      view.removeEventListener('scroll', settle);
    };
  }, []);
  return (
    <div
      ref={box}
      data-whole-window
      className="fixed inset-x-0 top-0 z-20 flex h-dvh flex-col bg-canvas pb-safe"
    >
      {children}
    </div>
  );
}

function Card({ thread }: { thread: number }) {
  const { data } = useQuery(threadQuery(thread));
  const customer = useCustomerOf(data);
  return data ? <SideCard thread={data} customer={customer} /> : null;
}

function CardDialog({ thread, open, onClose }: { thread: number; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog side open={open} onClose={onClose} title={t('inbox.card')}>
      <div className="-mx-5">
        <Card thread={thread} />
      </div>
    </Dialog>
  );
}

function NothingYet() {
  const { t } = useTranslation();
  const mayLink = usePermission('whatsapp:link');
  return (
    <Empty
      icon={MessagesSquare}
      title={t('inbox.empty')}
      hint={t('inbox.emptyHint')}
      action={
        mayLink && (
          <Link to="/business" search={{ section: 'whatsapp' }} className={buttonClass('primary')}>
            {t('inbox.connect')}
          </Link>
        )
      }
    />
  );
}

interface ListHeadProps {
  search: InboxSearch;
  onChange: (change: Change) => void;
}

function ListHead({ search, onChange }: ListHeadProps) {
  const { t } = useTranslation();
  const { whose = 'all', status, unread, label, q = '' } = search;
  const box = useRef<HTMLDivElement>(null);
  useKeys({ '/': () => box.current?.querySelector('input')?.focus() });
  const find = useCallback((text: string) => onChange({ q: text || undefined }), [onChange]);
  return (
    <div ref={box} className="flex shrink-0 flex-col gap-2 border-b border-line px-4 pt-3">
      <h1 className="text-title">{t('inbox.title')}</h1>
      <div className="flex items-center gap-2 [&>div]:min-w-0! [&>div]:grow">
        <SearchBox value={q} onSearch={find} placeholder={t('inbox.search')} />
        <FilterMenu>
          <MenuLabel>{t('inbox.statusLabel')}</MenuLabel>
          <MenuChoice
            value={status ?? ''}
            onChoose={(chosen) => onChange({ status: STATES.find((state) => state === chosen) })}
            options={[
              { value: '', label: t('common.all') },
              ...STATES.map((value) => ({ value: value as string, label: t(`inbox.status.${value}`) })),
            ]}
          />
          <MenuLine />
          <MenuToggle
            checked={unread === true}
            onChange={(on) => onChange({ unread: on ? true : undefined })}
          >
            {t('inbox.unreadOnly')}
          </MenuToggle>
        </FilterMenu>
      </div>
      {(status || unread || label) && (
        <div className="flex flex-wrap gap-1.5">
          {status && (
            <FilterChip name={t(`inbox.status.${status}`)} onRemove={() => onChange({ status: undefined })} />
          )}
          {unread && (
            <FilterChip name={t('inbox.unreadOnly')} onRemove={() => onChange({ unread: undefined })} />
          )}
          {label && <FilterChip name={label} onRemove={() => onChange({ label: undefined })} />}
        </div>
      )}
      <Views
        bare
        label={t('inbox.whoseLabel')}
        value={whose}
        onChoose={(chosen) => onChange({ whose: chosen === 'all' ? undefined : chosen })}
        options={WHOSE.map((value) => ({ value, label: t(`inbox.whose.${value}`) }))}
      />
    </div>
  );
}
