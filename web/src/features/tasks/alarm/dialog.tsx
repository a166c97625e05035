/** The alarm itself. */
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { AlarmClock, Check, type LucideIcon, MessageCircle, Phone, X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type ComponentProps, type KeyboardEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { api, takeWithTag } from '@/api/client';
import { keys } from '@/api/keys';
import type { Snooze } from '@/api/types';
import { Button, IconButton } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { PhoneText } from '@/components/ui/text';
import { formatName } from '@/format/phone';
import { useFormat, useNow } from '@/format/use-format';
import type { Ring } from '@/realtime/rings';
import { usePermission } from '@/session/session';
import { useCompleteTask, useSnoozeTask } from '../queries';
import { SnoozeMenu } from '../snooze-menu';
import { attended } from './rings';

/** Keys that were meant for what stood here before do nothing. */
const DEAF_MS = 800;

interface AlarmDialogProps {
  rings: Ring[];
  onAside: (ring: Ring) => void;
  onDial: (customer: number) => void;
}

const customerQuery = (id: number) =>
  queryOptions({
    queryKey: keys.customers.one(id),
    queryFn: () => takeWithTag(api.GET('/api/crm/customers/{id}', { params: { path: { id } } })),
  });

export default function AlarmDialog({ rings, onAside, onDial }: AlarmDialogProps) {
  const { t } = useTranslation();
  const [ring] = rings;
  const heading = useRef<HTMLHeadingElement>(null);
  const onKeyDown = useGuardedKeys(ring?.occurrence_id ?? '', heading);
  if (!ring) return null;
  return (
    <Radix.Root open onOpenChange={(open) => !open && onAside(ring)}>
      <Radix.Portal>
        <Radix.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            heading.current?.focus();
          }}
          onInteractOutside={(event) => event.preventDefault()}
          onKeyDownCapture={onKeyDown}
          className="fixed inset-0 z-40 grid animate-fade place-items-center overflow-y-auto bg-canvas px-5 py-8 pb-safe outline-none"
        >
          <Inside key={ring.occurrence_id} {...{ rings, ring, heading, onAside, onDial }} />
          <Radix.Close asChild>
            <IconButton
              label={t('tasks.alarm.aside')}
              icon={X}
              className="absolute! end-3 top-[calc(0.75rem+env(safe-area-inset-top))]"
            />
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function useGuardedKeys(occurrence: string, heading: React.RefObject<HTMLHeadingElement | null>) {
  const since = useRef({ occurrence: '', at: 0 });
  useEffect(() => {
    since.current = { occurrence, at: performance.now() };
    heading.current?.focus();
  }, [occurrence, heading]);
  return (event: KeyboardEvent<HTMLElement>) => {
    const { occurrence: shown, at } = since.current;
    // Typing in a field of a dialog over this one is none of these keys.
    if (!event.currentTarget.contains(event.target as Node)) return;
    if (shown !== occurrence || performance.now() - at < DEAF_MS) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    walk(event);
  };
}

/** Arrows go round the buttons; forward is leftwards in Hebrew. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const leftwards = document.documentElement.dir === 'rtl' ? 1 : -1;
  const steps: Record<string, number> = {
    ArrowLeft: leftwards,
    ArrowRight: -leftwards,
    ArrowDown: 1,
    ArrowUp: -1,
  };
  const step = steps[event.key];
  if (step === undefined) return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-alarm-act]')];
  const at = buttons.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? (step > 0 ? 0 : buttons.length - 1) : (at + step + buttons.length) % buttons.length;
  event.preventDefault();
  buttons[next]?.focus();
}

interface InsideProps extends AlarmDialogProps {
  ring: Ring;
  heading: React.RefObject<HTMLHeadingElement | null>;
}

function Inside({ rings, ring, heading, onAside, onDial }: InsideProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow(10_000);
  return (
    <div className="flex w-full max-w-2xl flex-col items-center gap-8 text-center">
      <div className="flex w-full flex-col items-center gap-3">
        <p className="flex items-center gap-2 text-lead font-semibold text-muted">
          <AlarmClock aria-hidden className="size-5 text-accent-text" />
          <span className="tabular">{t('tasks.alarm.due', { when: format.when(ring.due_at, now) })}</span>
          {rings.length > 1 && (
            <span className="rounded-full bg-accent-soft px-2.5 text-cell text-accent-text">
              {t('tasks.alarm.oneOf', { total: rings.length })}
            </span>
          )}
        </p>
        <Radix.Title asChild>
          <h2
            ref={heading}
            tabIndex={-1}
            dir="auto"
            className="max-w-full text-display text-balance outline-none max-md:text-heading"
          >
            {ring.title}
          </h2>
        </Radix.Title>
        {ring.customer_id !== null && <Who customer={ring.customer_id} onLeave={() => onAside(ring)} />}
      </div>
      <Acts {...{ ring, rings, onAside, onDial }} />
    </div>
  );
}

function Who({ customer, onLeave }: { customer: number; onLeave: () => void }) {
  const { data } = useQuery(customerQuery(customer));
  if (!data) return null;
  const { name, phone } = data.body;
  return (
    <p className="flex flex-wrap items-baseline justify-center gap-x-3 text-title text-muted">
      <Link
        to="/crm/customers/$customerId"
        params={{ customerId: String(customer) }}
        onClick={onLeave}
        className="rounded-mark font-semibold text-ink underline-offset-4 hover:underline"
      >
        <bdi>{formatName(name)}</bdi>
      </Link>
      {phone && phone !== name && <PhoneText number={phone} className="text-lead" />}
    </p>
  );
}

function Acts({ ring, rings, onAside, onDial }: Omit<InsideProps, 'heading'>) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { complete } = useCompleteTask();
  const snooze = useSnoozeTask();
  const mayWrite = usePermission('tasks:write');
  const done = () =>
    complete.mutate({ id: ring.task_id }, { onSuccess: () => void attended(client, [ring.task_id]) });
  const putOff = (which: Ring[], until: Snooze) =>
    void Promise.allSettled(which.map(({ task_id }) => snooze.mutateAsync({ id: task_id, until }))).then(
      (settled) =>
        attended(
          client,
          which.filter((_, at) => settled[at]?.status === 'fulfilled').map(({ task_id }) => task_id),
        ),
    );
  const busy = complete.isPending || snooze.isPending;
  return (
    <>
      <div className="grid w-full grid-cols-2 gap-3">
        {ring.customer_id !== null && (
          <Reach customer={ring.customer_id} onDial={onDial} onLeave={() => onAside(ring)} />
        )}
        {mayWrite && (
          <>
            <SnoozeMenu
              onSnooze={(until) => putOff([ring], until)}
              trigger={<Large icon={AlarmClock} label={t('tasks.snooze.act')} disabled={busy} />}
            />
            <Large icon={Check} primary label={t('tasks.alarm.done')} disabled={busy} onClick={done} />
          </>
        )}
      </div>
      {mayWrite && rings.length > 1 && (
        <SnoozeMenu
          onSnooze={(until) => putOff(rings, until)}
          trigger={
            <Button look="ghost" icon={AlarmClock} disabled={busy}>
              {t('tasks.alarm.snoozeAll')}
            </Button>
          }
        />
      )}
    </>
  );
}

interface ReachProps {
  customer: number;
  onDial: (customer: number) => void;
  onLeave: () => void;
}

/** The ways to the customer that there are. */
function Reach({ customer, onDial, onLeave }: ReachProps) {
  const { t } = useTranslation();
  const { data } = useQuery(customerQuery(customer));
  const mayCall = usePermission('calls:work');
  const phone = data?.body.phone;
  if (!phone || data.body.do_not_contact) return null;
  return (
    <>
      {mayCall && (
        <Large
          icon={Phone}
          label={t('tasks.alarm.call')}
          onClick={() => {
            onDial(customer);
            onLeave();
          }}
        />
      )}
      <a
        data-alarm-act
        href={`https://wa.me/${phone.replace(/\D/g, '')}`}
        target="_blank"
        rel="noopener noreferrer"
        onClick={onLeave}
        className={LARGE}
      >
        <MessageCircle aria-hidden className="size-6" strokeWidth={1.9} />
        {t('tasks.alarm.whatsapp')}
      </a>
    </>
  );
}

const LARGE =
  'flex min-h-24 flex-col items-center justify-center gap-2 rounded-card border border-line bg-surface px-4 text-lead font-bold transition-colors hover:border-edge hover:bg-hover disabled:opacity-55 last:odd:col-span-2';

interface LargeProps extends ComponentProps<'button'> {
  icon: LucideIcon;
  label: string;
  primary?: boolean;
}

function Large({ icon: Icon, label, primary, ...rest }: LargeProps) {
  return (
    <button
      type="button"
      data-alarm-act
      {...rest}
      className={cx(LARGE, primary && 'border-accent! bg-accent! text-on-accent hover:bg-accent-strong!')}
    >
      <Icon aria-hidden className="size-6" strokeWidth={1.9} />
      {label}
    </button>
  );
}
