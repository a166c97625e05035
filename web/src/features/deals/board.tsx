/** The open deals under their stages. The first stage stands where one begins to read; forward is onwards from there. */
import { useQuery } from '@tanstack/react-query';
import { Handshake } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Deal, DealBoard } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { Empty, Skeleton, Trouble } from '@/components/ui/states';
import { useDialog } from '@/components/ui/use-dialog';
import { usePermission } from '@/session/session';
import { useMove, useWin } from './actions';
import { type Place, stepped } from './board-state';
import { Card, CardFacts } from './card';
import { LoseDialog } from './lose-dialog';
import { Sums } from './money';
import { boardQuery, type DealFilters } from './queries';
import { type Drag, useDrag } from './use-drag';

interface BoardProps {
  filters: DealFilters;
  onOpen: (deal: Deal) => void;
  /** Leads to the rest of a stage that holds more than the board shows. */
  more: (stage: number) => ReactNode;
  add: ReactNode;
  narrowed: boolean;
}

export function Board({ filters, onOpen, more, add, narrowed }: BoardProps) {
  const { t } = useTranslation();
  const query = useQuery(boardQuery(filters));
  if (query.isPending) return <BoardSkeleton />;
  if (!query.data) return <Trouble error={query.error} onRetry={() => void query.refetch()} />;
  const empty = query.data.stages.every(({ total }) => total === 0);
  if (empty && !narrowed)
    return (
      <div className="rounded-card border border-line bg-surface">
        <Empty icon={Handshake} title={t('deals.none')} hint={t('deals.noneHint')} action={add} />
      </div>
    );
  return <Columns board={query.data} onOpen={onOpen} more={more} />;
}

interface ColumnsProps {
  board: DealBoard;
  onOpen: (deal: Deal) => void;
  more: (stage: number) => ReactNode;
}

function Columns({ board, onOpen, more }: ColumnsProps) {
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const mayWrite = usePermission('deals:write');
  const move = useMove();
  const win = useWin();
  const losing = useDialog('lose-deal');
  const [lost, setLost] = useState<Deal | null>(null);
  const [told, setTold] = useState('');
  const put = (deal: Deal, place: Place) => {
    move.mutate({ deal, board, place });
    const stage = board.stages.find(({ id }) => id === place.stage);
    const of = (stage?.deals.filter(({ id }) => id !== deal.id).length ?? 0) + 1;
    setTold(t('deals.told', { title: deal.title, stage: stage?.name ?? '', at: place.index + 1, of }));
  };
  const { drag, begin } = useDrag(frame, put);
  const onKey = useArrows(board, put);
  return (
    <>
      <div
        ref={frame}
        className="relative -mx-4 flex snap-x gap-3 overflow-x-auto scroll-px-4 px-4 pb-4 md:-mx-8 md:scroll-px-8 md:px-8 [@media(pointer:fine)]:snap-none"
      >
        {board.stages.map((stage) => (
          <Column key={stage.id} stage={stage} drag={drag} more={more}>
            {(deal) => (
              <Card
                key={deal.id}
                deal={deal}
                stages={board.stages}
                mayWrite={mayWrite}
                lifted={drag?.deal.id === deal.id}
                onOpen={() => onOpen(deal)}
                onMove={(to) => put(deal, { stage: to, index: 0 })}
                onWin={() => win.mutate(deal)}
                onLose={() => {
                  setLost(deal);
                  losing.show();
                }}
                onGrip={(event) => begin(event, deal)}
                onKey={(event) => onKey(event, deal)}
              />
            )}
          </Column>
        ))}
      </div>
      <p id="board-keys" className="sr-only">
        {t('deals.keys')}
      </p>
      <p role="status" className="sr-only">
        {told}
      </p>
      {drag && <Lifted drag={drag} />}
      {lost && <LoseDialog open={losing.open} onClose={losing.hide} deal={lost} />}
    </>
  );
}

/** Shift with an arrow moves the deal; the card keeps the focus wherever it goes. */
function useArrows(board: DealBoard, put: (deal: Deal, place: Place) => void) {
  return (event: KeyboardEvent, deal: Deal) => {
    if (!event.shiftKey || !event.key.startsWith('Arrow')) return;
    event.preventDefault();
    const forward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
    const step =
      event.key === 'ArrowUp'
        ? 'up'
        : event.key === 'ArrowDown'
          ? 'down'
          : event.key === forward
            ? 'forward'
            : 'back';
    const place = stepped(board, deal.id, step);
    if (!place) return;
    put(deal, place);
    const focus = () => {
      const button = document.querySelector<HTMLElement>(`[data-deal-button="${deal.id}"]`);
      button?.focus();
      button?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    };
    // Its column draws it anew.
    requestAnimationFrame(() => requestAnimationFrame(focus));
  };
}

interface ColumnProps {
  stage: DealBoard['stages'][number];
  drag: Drag | null;
  more: (stage: number) => ReactNode;
  children: (deal: Deal) => ReactNode;
}

function Column({ stage, drag, more, children }: ColumnProps) {
  const { t } = useTranslation();
  const over = drag?.over?.stage === stage.id ? drag.over.index : null;
  const others = stage.deals.filter(({ id }) => id !== drag?.deal.id);
  const before = over === null ? undefined : others[over]?.id;
  return (
    <section
      data-stage={stage.id}
      aria-label={stage.name}
      className={cx(
        'flex w-[80vw] shrink-0 snap-start flex-col rounded-card bg-sunken p-2 sm:w-72 xl:min-w-52 xl:grow xl:basis-0',
        over !== null && 'outline-2 outline-accent-line',
      )}
    >
      <header className="px-2 pt-1 pb-2.5">
        <h2 className="flex items-baseline gap-2 text-cell font-bold">
          <bdi className="min-w-0 truncate">{stage.name}</bdi>
          <span className="tabular text-caption font-normal text-muted">
            <span className="sr-only">{t('deals.inStage')} </span>
            {stage.total}
          </span>
          <bdi dir="ltr" className="tabular ms-auto text-caption font-normal text-muted">
            <span className="sr-only">{t('deals.probability')} </span>
            {stage.probability}%
          </bdi>
        </h2>
        <div className="min-h-5 text-caption text-muted">
          <Sums sums={stage.sums} />
        </div>
      </header>
      <ul className="flex min-h-24 grow flex-col gap-2">
        {stage.deals.flatMap((deal) =>
          deal.id === before ? [<DropLine key="line" />, children(deal)] : [children(deal)],
        )}
        {over !== null && before === undefined && <DropLine />}
      </ul>
      {stage.total > stage.deals.length && <div className="pt-2">{more(stage.id)}</div>}
    </section>
  );
}

function DropLine() {
  return <li aria-hidden className="h-0.5 list-none rounded-full bg-accent" />;
}

/** The card under the pointer. */
function Lifted({ drag }: { drag: Drag }) {
  return (
    <div
      dir="ltr"
      aria-hidden
      className="pointer-events-none fixed start-0 top-0 z-50"
      style={{ transform: `translate(${drag.x}px, ${drag.y}px)`, width: drag.width }}
    >
      <div
        dir={document.documentElement.dir}
        className="rotate-1 rounded-control border border-accent bg-raised p-3 shadow-float"
      >
        <p className="line-clamp-2 text-cell leading-snug font-semibold">
          <bdi>{drag.deal.title}</bdi>
        </p>
        <CardFacts deal={drag.deal} />
      </div>
    </div>
  );
}

function BoardSkeleton() {
  return (
    <div aria-busy className="flex gap-3 overflow-hidden">
      {['h-72', 'h-56', 'h-80', 'h-40'].map((height) => (
        <Skeleton key={height} className={cx('w-72 shrink-0 rounded-card max-sm:w-[80vw]', height)} />
      ))}
    </div>
  );
}
