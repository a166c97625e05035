/** What is left to do until the line works; it goes by itself when all is done. */
import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import { ChevronLeft, Circle, CircleCheck, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '@/api/types';
import { useStored } from '@/components/stored';
import { IconButton } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Panel } from '@/components/ui/panel';
import { usePeople } from '@/session/people';
import { useSession } from '@/session/session';
import { useSettings } from '@/session/settings';
import { keptStep } from '@/session/welcome';
import { arrivedQuery, testCallsQuery } from './arrivals';

const NAMES = ['setup', 'call', 'number', 'team'] as const;
type Name = (typeof NAMES)[number];

const PLACES: Record<Name, Pick<LinkProps, 'to' | 'search'>> = {
  setup: { to: '/welcome', search: {} },
  call: { to: '/test-call' },
  number: { to: '/business', search: { section: 'number' } },
  team: { to: '/business', search: { section: 'team' } },
};

function isTold(settings: Settings): boolean {
  return Boolean(settings.agent_prompt || settings.greeting_text || Object.keys(settings.facts).length > 0);
}

export function FirstSteps() {
  const { business } = useSession();
  const settings = useSettings();
  const calls = useQuery(testCallsQuery);
  const arrived = useQuery(arrivedQuery);
  const { people } = usePeople();
  const [shown, setShown] = useStored<'shown' | 'hidden'>(`first-steps.${business.id}`, 'shown');
  if (shown === 'hidden' || !settings.data || !calls.data || !arrived.data || people.length === 0)
    return null;
  const told = isTold(settings.data.body);
  const done: Record<Name, boolean> = {
    setup: told && (keptStep(business.id) ?? 'done') === 'done',
    call: calls.data.total > 0,
    // A number that was written down is not a line: a call has to have come.
    number: arrived.data.length > 0,
    team: people.length > 1,
  };
  if (NAMES.every((name) => done[name])) return null;
  const waits = settings.data.body.phone_numbers.some(({ voice }) => voice);
  return <Steps done={done} waits={waits} onHide={() => setShown('hidden')} />;
}

interface StepsProps {
  done: Record<Name, boolean>;
  /** There is a line, to which nobody has called. */
  waits: boolean;
  onHide: () => void;
}

function Steps({ done, waits, onHide }: StepsProps) {
  const { t } = useTranslation();
  const count = NAMES.filter((name) => done[name]).length;
  return (
    <Panel
      title={t('welcome.list.title')}
      aside={
        <span className="text-caption text-muted">
          {t('welcome.list.progress', { done: count, of: NAMES.length })}
        </span>
      }
      action={<IconButton label={t('welcome.list.hide')} icon={X} onClick={onHide} />}
    >
      <ul className="grid gap-x-2 px-2 pb-2 sm:grid-cols-2">
        {NAMES.map((name) => (
          <li key={name}>
            <Row
              name={name}
              done={done[name]}
              hint={t(name === 'number' && waits ? 'welcome.list.numberWaits' : `welcome.list.${name}Hint`)}
            />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Row({ name, done, hint }: { name: Name; done: boolean; hint: string }) {
  const { t } = useTranslation();
  const Icon = done ? CircleCheck : Circle;
  return (
    <Link
      {...PLACES[name]}
      className="flex min-h-14 items-center gap-3 rounded-control px-3 py-2 transition-colors hover:bg-hover"
    >
      <Icon
        role="img"
        aria-label={done ? t('welcome.list.done') : t('welcome.list.todo')}
        className={cx('size-5 shrink-0', done ? 'text-success-text' : 'text-edge')}
      />
      <span className="min-w-0 grow">
        <span className={cx('block text-cell font-semibold', done && 'text-muted line-through')}>
          {t(`welcome.list.${name}`)}
        </span>
        {!done && <span className="block text-caption text-muted">{hint}</span>}
      </span>
      {!done && <ChevronLeft aria-hidden className="size-4 shrink-0 text-faint ltr:-scale-x-100" />}
    </Link>
  );
}
