/** Slides in at the foot when customers are picked: what can be done to all of them, and how far that has come. */
import { CircleUser, Tag, Trash2, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Bulk } from '@/api/types';
import { isOver } from '@/api/work';
import type { Picking } from '@/components/data-table/selection';
import { Button, IconButton } from '@/components/ui/button';
import { Menu, MenuChoice } from '@/components/ui/menu';
import { Progress } from '@/components/ui/progress';
import { useDialog } from '@/components/ui/use-dialog';
import { formatCount } from '@/format/numbers';
import { usePeople } from '@/session/people';
import { usePermission } from '@/session/session';
import { useStatuses } from '../own';
import { type Change, useBulk } from './bulk';
import { TagsDialog } from './tags-dialog';

interface BulkBarProps {
  picking: Picking;
  /** How many the list has. */
  total: number;
  /** What the server is asked for the list by. */
  filter: object;
}

export function BulkBar({ picking, total, filter }: BulkBarProps) {
  const bulk = useBulk();
  const count = picking.all ? total : picking.ids.size;
  const act = (change: Change) =>
    bulk.start.mutate({ picked: picking, filter, change }, { onSuccess: picking.clear });
  if (count > 0 && !bulk.start.isPending) return <Acts picking={picking} count={count} onAct={act} />;
  if (bulk.waiting) return <Waiting />;
  if (bulk.current) return <Standing bulk={bulk.current} onUndo={bulk.undo.mutate} onClose={bulk.close} />;
  return null;
}

function Bar({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <section
      aria-label={t('customerList.bulk.title')}
      className="fixed inset-x-0 bottom-5 z-30 mx-auto flex w-fit max-w-[min(56rem,calc(100vw-2rem))] animate-rise flex-wrap items-center gap-x-3 gap-y-2 rounded-card bg-raised p-2 ps-4 text-cell shadow-float max-md:bottom-24"
    >
      {children}
    </section>
  );
}

/** Asked for, and not yet begun. */
function Waiting() {
  const { t } = useTranslation();
  return (
    <Bar>
      <span className="py-1 pe-2">{t('customerList.bulk.running')}</span>
    </Bar>
  );
}

interface ActsProps {
  picking: Picking;
  count: number;
  onAct: (change: Change) => void;
}

function Acts({ picking, count, onAct }: ActsProps) {
  const { t } = useTranslation();
  const mayDelete = usePermission('customers:delete');
  const tags = useDialog('bulk-tags');
  const shown = { count, shown: formatCount(count) };
  return (
    <Bar>
      <span aria-live="polite" className="font-semibold">
        {picking.all ? t('customerList.bulk.all', shown) : t('customerList.bulk.picked', shown)}
      </span>
      <StatusAct onAct={onAct} />
      <OwnerAct onAct={onAct} />
      <Button size="sm" icon={Tag} onClick={tags.show}>
        {t('customers.tags')}
      </Button>
      {mayDelete && <DeleteAct count={count} onAct={onAct} />}
      <IconButton size="sm" icon={X} label={t('customerList.bulk.clear')} onClick={picking.clear} />
      <TagsDialog open={tags.open} onClose={tags.hide} count={count} onAct={onAct} />
    </Bar>
  );
}

type ActProps = Pick<ActsProps, 'onAct'>;

function StatusAct({ onAct }: ActProps) {
  const { t } = useTranslation();
  const { keys, name } = useStatuses();
  return (
    <Menu trigger={<Button size="sm">{t('customers.statusColumn')}</Button>}>
      <MenuChoice
        value=""
        onChoose={(status) => onAct({ set: { status } })}
        options={keys.map((value) => ({ value, label: name(value) }))}
      />
    </Menu>
  );
}

function OwnerAct({ onAct }: ActProps) {
  const { t } = useTranslation();
  const { people } = usePeople();
  return (
    <Menu
      trigger={
        <Button size="sm" icon={CircleUser}>
          {t('customers.owner')}
        </Button>
      }
    >
      <MenuChoice
        value=""
        onChoose={(id) => onAct({ set: { owner_id: id === 'none' ? null : Number(id) } })}
        options={[
          ...people.map((user) => ({ value: String(user.id), label: user.name })),
          { value: 'none', label: t('customers.ownerNone') },
        ]}
      />
    </Menu>
  );
}

/** So many are not deleted by one slip: it can be undone, and of many it is asked first. */
const ASKED_FROM = 50;

function DeleteAct({ count, onAct }: ActProps & { count: number }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  if (asked)
    return (
      <Button size="sm" look="danger" icon={Trash2} onClick={() => onAct({ delete: true })}>
        {t('customerList.bulk.deleteSure', { count, shown: formatCount(count) })}
      </Button>
    );
  return (
    <Button
      size="sm"
      icon={Trash2}
      onClick={() => (count >= ASKED_FROM ? setAsked(true) : onAct({ delete: true }))}
    >
      {t('customerList.bulk.delete')}
    </Button>
  );
}

interface StandingProps {
  bulk: Bulk;
  onUndo: (id: number) => void;
  onClose: () => void;
}

function Standing({ bulk, onUndo, onClose }: StandingProps) {
  const { t } = useTranslation();
  if (!isOver(bulk)) {
    const undoing = bulk.status === 'undoing';
    const done = undoing ? bulk.undone + bulk.kept_count : bulk.done;
    const rows = undoing ? bulk.changed : bulk.rows;
    return (
      <Bar>
        <Progress
          label={t(undoing ? 'customerList.bulk.undoing' : 'customerList.bulk.running')}
          done={done}
          of={rows}
        />
      </Bar>
    );
  }
  return (
    <Bar>
      <span aria-live="polite" className="py-1 font-semibold">
        <Outcome bulk={bulk} />
      </span>
      {bulk.status !== 'undone' && bulk.changed > 0 && (
        <Button size="sm" onClick={() => onUndo(bulk.id)}>
          {t('common.undo')}
        </Button>
      )}
      <IconButton size="sm" icon={X} label={t('common.close')} onClick={onClose} />
    </Bar>
  );
}

function Outcome({ bulk }: { bulk: Bulk }) {
  const { t } = useTranslation();
  const said = (count: number) => ({ count, shown: formatCount(count) });
  if (bulk.status === 'undone') {
    const back = t('customerList.bulk.undone', said(bulk.undone));
    return bulk.kept_count > 0 ? `${back} ${t('customerList.bulk.kept', said(bulk.kept_count))}` : back;
  }
  const changed = t('customerList.bulk.changed', said(bulk.changed));
  return bulk.status === 'failed' ? `${t('customerList.bulk.failed')} ${changed}` : changed;
}
