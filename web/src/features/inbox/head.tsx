/** Above a conversation: with whom, its state, whose it is, and what one can do with it. */
import { AlarmClock, ArrowRight, Download, EllipsisVertical, EyeOff, Info, Tag } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { download } from '@/api/download';
import type { Thread } from '@/api/types';
import { Avatar } from '@/components/ui/avatar';
import { Button, IconButton } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Menu, MenuItem, MenuLine } from '@/components/ui/menu';
import { PhoneText } from '@/components/ui/text';
import { formatName } from '@/format/phone';
import { usePermission } from '@/session/session';
import { useChangeThread, useMakePrivate } from './actions';
import { AssignMenu } from './assign-menu';
import { LabelsDialog } from './labels-dialog';
import { SnoozeDialog } from './snooze-dialog';
import { StateMenu } from './state';
import { phoneOf, useThreadName } from './who';

interface HeadProps {
  thread: Thread;
  /** To the list; on a phone. */
  onBack?: () => void;
  /** Shows the customer beside or over the conversation. */
  onCard?: () => void;
  onGone: () => void;
}

export function Head({ thread, onBack, onCard, onGone }: HeadProps) {
  const { t } = useTranslation();
  const nameOf = useThreadName();
  const mayWrite = usePermission('threads:write');
  const change = useChangeThread(thread.id);
  const name = nameOf(thread);
  const phone = phoneOf(thread);
  return (
    <header className="flex min-h-16 shrink-0 items-center gap-2 border-b border-line bg-surface px-3 py-2 md:px-4">
      {onBack && (
        <IconButton icon={ArrowRight} className="ltr:-scale-x-100" label={t('inbox.back')} onClick={onBack} />
      )}
      <Avatar name={thread.name ? formatName(thread.name) : null} />
      <div className="min-w-0 grow">
        <h2 className="truncate text-body font-bold">
          <bdi>{name}</bdi>
        </h2>
        <p className="flex items-center gap-2 text-caption text-muted">
          {phone && thread.name && <PhoneText number={phone} />}
          {thread.provider && (
            <span className="truncate max-md:hidden">
              {t('inbox.by', { way: wayName(t, thread.provider) })}
            </span>
          )}
        </p>
      </div>
      {mayWrite && (
        <div className="flex items-center gap-2 max-md:hidden">
          <StateMenu
            thread={thread}
            onChoose={(status) => change.mutate({ change: { status }, done: t('inbox.statusSet') })}
          />
          <AssignMenu thread={thread} />
        </div>
      )}
      {onCard && <IconButton icon={Info} label={t('inbox.card')} onClick={onCard} />}
      <MoreMenu thread={thread} onGone={onGone} />
    </header>
  );
}

export function wayName(
  t: (key: 'inbox.way.baileys' | 'inbox.way.twilio' | 'inbox.way.meta') => string,
  way: string,
) {
  if (way === 'twilio' || way === 'meta' || way === 'baileys') return t(`inbox.way.${way}`);
  return way;
}

function MoreMenu({ thread, onGone }: { thread: Thread; onGone: () => void }) {
  const { t } = useTranslation();
  const mayWrite = usePermission('threads:write');
  const mayRead = usePermission('messages:read');
  const mayLink = usePermission('whatsapp:link');
  const [open, setOpen] = useState<'snooze' | 'labels' | 'private' | null>(null);
  const change = useChangeThread(thread.id);
  const snoozed = thread.snoozed_until != null && new Date(thread.snoozed_until) > new Date();
  const close = () => setOpen(null);
  return (
    <>
      <Menu align="end" trigger={<IconButton icon={EllipsisVertical} label={t('common.more')} />}>
        {mayWrite && (
          <>
            {snoozed ? (
              <MenuItem icon={AlarmClock} onSelect={() => change.mutate({ change: { snoozed_until: null } })}>
                {t('inbox.unsnooze')}
              </MenuItem>
            ) : (
              <MenuItem icon={AlarmClock} onSelect={() => setOpen('snooze')}>
                {t('inbox.snooze')}
              </MenuItem>
            )}
            <MenuItem icon={Tag} onSelect={() => setOpen('labels')}>
              {t('inbox.labels')}
            </MenuItem>
          </>
        )}
        {mayRead && (
          <MenuItem
            icon={Download}
            onSelect={() => void download(`/api/crm/threads/${thread.id}/export.csv`)}
          >
            {t('inbox.export')}
          </MenuItem>
        )}
        {mayLink && (
          <>
            <MenuLine />
            <MenuItem danger icon={EyeOff} onSelect={() => setOpen('private')}>
              {t('inbox.private.act')}
            </MenuItem>
          </>
        )}
      </Menu>
      {open === 'snooze' && <SnoozeDialog thread={thread} onClose={close} />}
      {open === 'labels' && <LabelsDialog thread={thread} onClose={close} />}
      {open === 'private' && <PrivateDialog thread={thread} onClose={close} onGone={onGone} />}
    </>
  );
}

interface PrivateProps {
  thread: Thread;
  onClose: () => void;
  onGone: () => void;
}

/** It cannot be taken back: what was kept is erased. */
function PrivateDialog({ thread, onClose, onGone }: PrivateProps) {
  const { t } = useTranslation();
  const nameOf = useThreadName();
  const make = useMakePrivate(() => {
    onClose();
    onGone();
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('inbox.private.title', { name: nameOf(thread) })}
      lead={t('inbox.private.lead')}
      actions={
        <>
          <Button look="danger" busy={make.isPending} onClick={() => make.mutate(thread.id)}>
            {t('inbox.private.confirm')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    />
  );
}
