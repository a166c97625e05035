/** One field from which everything is reached: places, customers, acts. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { Search, UserRound } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, asQuery, take } from '@/api/client';
import { keys } from '@/api/keys';
import { cx } from '@/components/ui/cx';
import { PhoneText } from '@/components/ui/text';
import { formatName } from '@/format/phone';
import { usePermission } from '@/session/session';
import { type Command, useActing, useGoing } from './commands';

interface Entry extends Command {
  phone?: string | null | undefined;
}

interface Group {
  title: string;
  entries: Entry[];
}

const SUGGESTIONS = 6;
const TYPING_PAUSE_MS = 150;

export default function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const router = useRouter();
  const [text, setText] = useState('');
  const groups = useGroups(text.trim());
  const entries = groups.flatMap((group) => group.entries);
  const [at, setAt] = useState(0);
  const list = useId();
  const chosen = entries[Math.min(at, entries.length - 1)];
  const run = (entry: Entry) => {
    // Closing goes one step back, for which a browser takes its time; what is chosen comes after it.
    const stop = router.history.subscribe(() => {
      stop();
      setTimeout(entry.run, 0);
    });
    onClose();
  };
  const pressed = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && entries.length > 0) {
      event.preventDefault();
      setAt((before) => (Math.min(before, entries.length - 1) + step + entries.length) % entries.length);
    } else if (event.key === 'Enter' && chosen && !event.nativeEvent.isComposing) {
      event.preventDefault();
      run(chosen);
    }
  };
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-veil" />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed inset-x-0 top-0 z-40 mx-auto flex max-h-[70dvh] animate-rise flex-col overflow-hidden bg-raised shadow-float outline-none max-md:h-dvh max-md:max-h-dvh md:top-[12dvh] md:w-[min(36rem,calc(100vw-3rem))] md:rounded-card"
        >
          <Radix.Title className="sr-only">{t('palette.title')}</Radix.Title>
          <div className="flex h-14 shrink-0 items-center gap-3 border-b border-line px-4">
            <Search aria-hidden className="size-4.5 shrink-0 text-faint" />
            <input
              role="combobox"
              aria-expanded
              aria-controls={list}
              aria-activedescendant={chosen ? `${list}-${chosen.id}` : undefined}
              aria-label={t('palette.placeholder')}
              placeholder={t('palette.placeholder')}
              autoComplete="off"
              dir={text ? 'auto' : undefined}
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setAt(0);
              }}
              onKeyDown={pressed}
              className="h-full min-w-0 grow bg-transparent text-body outline-none placeholder:text-faint"
            />
            <Radix.Close className="target shrink-0 rounded-control px-2 text-caption font-semibold text-muted hover:text-ink">
              {t('common.close')}
            </Radix.Close>
          </div>
          <Options
            id={list}
            groups={groups}
            chosen={chosen}
            onRun={run}
            onPoint={(entry) => setAt(entries.indexOf(entry))}
          />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface OptionsProps {
  id: string;
  groups: Group[];
  chosen: Entry | undefined;
  onRun: (entry: Entry) => void;
  onPoint: (entry: Entry) => void;
}

function Options({ id, groups, chosen, onRun, onPoint }: OptionsProps) {
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (chosen) frame.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    <>
      <div
        ref={frame}
        id={id}
        role="listbox"
        aria-label={t('palette.title')}
        className="min-h-0 overflow-y-auto p-1.5"
      >
        {groups.map(({ title, entries }) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options, which no fieldset is
          <div key={title} role="group" aria-label={title}>
            <div aria-hidden className="px-2.5 pt-2 pb-1 text-caption font-semibold text-muted">
              {title}
            </div>
            {entries.map((entry) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
              <div
                key={entry.id}
                id={`${id}-${entry.id}`}
                role="option"
                tabIndex={-1}
                aria-selected={entry === chosen}
                onClick={() => onRun(entry)}
                onPointerMove={() => onPoint(entry)}
                className={cx(
                  'flex min-h-10 cursor-pointer items-center gap-3 rounded-control px-2.5 text-cell max-md:min-h-11',
                  entry === chosen && 'bg-hover',
                )}
              >
                <entry.icon aria-hidden className="size-4 shrink-0 text-muted" strokeWidth={1.9} />
                <bdi className="aligned min-w-0 grow truncate font-semibold">{entry.label}</bdi>
                {entry.phone && <PhoneText number={entry.phone} className="text-caption text-muted" />}
                {entry.keys && <Keys keys={entry.keys} />}
              </div>
            ))}
          </div>
        ))}
      </div>
      {groups.length === 0 && <p className="px-4 py-10 text-center text-muted">{t('common.noneFound')}</p>}
    </>
  );
}

function Keys({ keys: shown }: { keys: string }) {
  return (
    <kbd dir="ltr" className="shrink-0 font-sans text-caption text-faint max-md:hidden">
      {shown}
    </kbd>
  );
}

function useGroups(text: string): Group[] {
  const { t } = useTranslation();
  const going = useGoing();
  const acting = useActing();
  const customers = useCustomers(text);
  const fits = ({ label }: Command) => label.toLocaleLowerCase().includes(text.toLocaleLowerCase());
  return [
    {
      title: customers.meant ? t('palette.meant', { meant: customers.meant }) : t('palette.customers'),
      entries: text ? customers.entries : [],
    },
    { title: t('palette.go'), entries: going.filter(fits) },
    { title: t('palette.act'), entries: acting.filter(fits) },
  ].filter((group) => group.entries.length > 0);
}

/** Those who were found; with what they were found by when nobody was as it was typed. */
function useCustomers(text: string): { entries: Entry[]; meant: string | null | undefined } {
  const router = useRouter();
  const may = usePermission('customers:read');
  const q = usePaused(text);
  const filters = { q, limit: SUGGESTIONS };
  const { data } = useQuery({
    queryKey: keys.customers.list(filters),
    queryFn: () => take(api.GET('/api/crm/customers', { params: { query: asQuery(filters) } })),
    enabled: may && q.length > 0,
    placeholderData: keepPreviousData,
  });
  const entries = (data?.results ?? []).map((customer) => ({
    id: `customer-${customer.id}`,
    label: formatName(customer.name),
    icon: UserRound,
    phone: customer.phone === customer.name ? null : customer.phone,
    run: () =>
      void router.navigate({
        to: '/crm/customers/$customerId',
        params: { customerId: String(customer.id) },
      }),
  }));
  return { entries, meant: data?.did_you_mean };
}

/** The text once the person has paused for a moment. */
function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}
