import { CalendarClock, Ellipsis, ThumbsDown, Trophy } from 'lucide-react';
import type { KeyboardEvent, PointerEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Deal, DealBoard } from '@/api/types';
import { IconButton } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from '@/components/ui/menu';
import { daysBetween, formatIsoDay, momentIn } from '@/format/dates';
import { formatName } from '@/format/phone';
import { useNow, useZone } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { Money } from './money';

interface CardProps {
  deal: Deal;
  stages: DealBoard['stages'];
  mayWrite: boolean;
  lifted?: boolean;
  onOpen: () => void;
  onMove: (stage: number) => void;
  onWin: () => void;
  onLose: () => void;
  onGrip: (event: PointerEvent<HTMLElement>) => void;
  onKey: (event: KeyboardEvent) => void;
}

export function Card(props: CardProps) {
  const { deal, mayWrite, lifted, onOpen, onGrip, onKey } = props;
  const { t } = useTranslation();
  return (
    <li
      data-deal={deal.id}
      onPointerDown={mayWrite ? onGrip : undefined}
      className={cx(
        'group relative list-none rounded-control border border-line bg-surface p-3 transition-colors select-none hover:border-edge',
        mayWrite && 'cursor-grab',
        lifted && 'opacity-35',
      )}
    >
      <div className="flex items-start gap-1">
        <button
          type="button"
          data-deal-button={deal.id}
          onClick={onOpen}
          onKeyDown={mayWrite ? onKey : undefined}
          aria-describedby={mayWrite ? 'board-keys' : undefined}
          className="min-w-0 grow rounded-mark text-start text-cell leading-snug font-semibold after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-control focus-visible:after:outline-2 focus-visible:after:outline-accent"
        >
          <bdi className="aligned line-clamp-2">{deal.title}</bdi>
        </button>
        {mayWrite && <Acts {...props} />}
      </div>
      <CardFacts deal={deal} />
      <span className="sr-only">
        {deal.status === 'open' ? '' : t(`deals.status.${deal.status as 'won'}`)}
      </span>
    </li>
  );
}

export function CardFacts({ deal }: { deal: Deal }) {
  const { name } = usePeople();
  const owner = name(deal.owner_id);
  return (
    <>
      {deal.customer_name && (
        <p className="aligned truncate text-caption text-muted">
          <bdi>{formatName(deal.customer_name)}</bdi>
        </p>
      )}
      <p className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-caption text-muted">
        <Money minor={deal.amount_minor} currency={deal.currency} className="font-bold text-ink" />
        {deal.expected_close && <CloseDay deal={deal} />}
        {owner && <bdi className="ms-auto truncate">{owner.split(' ')[0]}</bdi>}
      </p>
    </>
  );
}

/** When it is expected to close; a day that has passed stands out. */
export function CloseDay({ deal }: { deal: Deal }) {
  const { t } = useTranslation();
  const zone = useZone();
  const now = useNow(60_000);
  const day = deal.expected_close ?? '';
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const until = daysBetween(zone, now, momentIn(zone, { year, month, day: date, hour: 12, minute: 0 }));
  const late = deal.status === 'open' && until < 0;
  return (
    <span className={cx('tabular inline-flex items-center gap-1', late && 'font-semibold text-warn-text')}>
      <CalendarClock aria-hidden className="size-3.5" />
      <span className="sr-only">{late ? t('deals.closeLate') : t('deals.expectedClose')}</span>
      <bdi dir="ltr">{formatIsoDay(day)}</bdi>
    </span>
  );
}

function Acts({ deal, stages, onMove, onWin, onLose }: CardProps) {
  const { t } = useTranslation();
  return (
    <div className="relative z-1 -m-1.5" onPointerDown={(event) => event.stopPropagation()}>
      <Menu
        align="end"
        trigger={<IconButton size="sm" label={t('deals.actsOn', { title: deal.title })} icon={Ellipsis} />}
      >
        <MenuItem icon={Trophy} onSelect={onWin}>
          {t('deals.win')}
        </MenuItem>
        <MenuItem icon={ThumbsDown} onSelect={onLose}>
          {t('deals.lose')}
        </MenuItem>
        <MenuLine />
        <MenuLabel>{t('deals.moveTo')}</MenuLabel>
        <MenuChoice
          value={String(deal.stage_id)}
          onChoose={(stage) => Number(stage) !== deal.stage_id && onMove(Number(stage))}
          options={stages.map(({ id, name }) => ({ value: String(id), label: <bdi>{name}</bdi> }))}
        />
      </Menu>
    </div>
  );
}
