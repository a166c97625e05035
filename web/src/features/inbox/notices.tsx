/** What stands above the composer: what was not taken and why, a draft of the agent, what is answered, a chosen file. */
import { Bot, FileText, Reply, TriangleAlert, X } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message } from '@/api/types';
import { Button, IconButton } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Prose } from '@/components/ui/text';
import { directionOf } from '@/format/direction';
import { problemText } from '@/i18n/problem-text';
import { usePeople } from '@/session/people';
import { useBeginning } from './bubble';
import { newerOf, type Refused } from './outbox';

const BOX = 'mb-2 rounded-control border px-3.5 py-2.5 text-cell';

interface RefusedProps {
  refused: Refused;
  onAnyway: () => void;
  onDiscard: () => void;
  onTemplate: () => void;
}

export function RefusedNotice({ refused, onAnyway, onDiscard, onTemplate }: RefusedProps) {
  const { t } = useTranslation();
  const { error } = refused;
  if (error.code === 'newer_message')
    return <NewerNotice error={error} onAnyway={onAnyway} onDiscard={onDiscard} />;
  const closed = error.code === 'outside_window';
  return (
    <div role="alert" className={cx(BOX, 'border-danger-line bg-danger-soft text-danger-text')}>
      <p>{closed ? t('inbox.window.closedHint') : problemText(t, error)}</p>
      {error.requestId && (
        <bdi dir="ltr" className="block font-mono text-[12px]">
          {error.requestId}
        </bdi>
      )}
      <div className="mt-2 flex flex-wrap gap-2">
        {closed && (
          <Button size="sm" onClick={onTemplate}>
            {t('inbox.template.choose')}
          </Button>
        )}
        <Button size="sm" look="ghost" onClick={onDiscard}>
          {t('common.close')}
        </Button>
      </div>
    </div>
  );
}

function NewerNotice({
  error,
  onAnyway,
  onDiscard,
}: { error: unknown } & Omit<RefusedProps, 'refused' | 'onTemplate'>) {
  const { t } = useTranslation();
  const { name } = usePeople();
  const newer = newerOf(error);
  const who = name(newer?.author_id) ?? t(newer?.source === 'agent' ? 'inbox.agent' : 'inbox.somebody');
  return (
    <div role="alert" className={cx(BOX, 'border-warn-line bg-warn-soft text-warn-text')}>
      <p className="flex items-center gap-2 font-semibold">
        <TriangleAlert aria-hidden className="size-4 shrink-0" />
        {t('inbox.newer.title', { name: who })}
      </p>
      {newer?.text && (
        <p dir={directionOf(newer.text)} className="mt-1 line-clamp-2 aligned">
          {newer.text}
        </p>
      )}
      <div className="mt-2 flex flex-wrap gap-2">
        <Button size="sm" onClick={onAnyway}>
          {t('inbox.newer.anyway')}
        </Button>
        <Button size="sm" look="ghost" onClick={onDiscard}>
          {t('inbox.newer.discard')}
        </Button>
      </div>
    </div>
  );
}

interface DraftProps {
  draft: string;
  onSend: () => void;
  onEdit: () => void;
}

/** What the agent would answer; a person decides. */
export function DraftNotice({ draft, onSend, onEdit }: DraftProps) {
  const { t } = useTranslation();
  const [hidden, setHidden] = useState<string | null>(null);
  if (hidden === draft) return null;
  return (
    <section aria-label={t('inbox.draft.title')} className={cx(BOX, 'border-transparent bg-agent-soft')}>
      <p className="mb-1 flex items-center gap-2 text-caption font-semibold">
        <Bot aria-hidden className="size-4" />
        {t('inbox.draft.title')}
      </p>
      <Prose className="max-h-40 overflow-y-auto whitespace-pre-wrap">{draft}</Prose>
      <div className="mt-2 flex flex-wrap gap-2">
        <Button size="sm" onClick={onSend}>
          {t('inbox.draft.send')}
        </Button>
        <Button size="sm" onClick={onEdit}>
          {t('inbox.draft.edit')}
        </Button>
        <Button size="sm" look="ghost" onClick={() => setHidden(draft)}>
          {t('inbox.draft.hide')}
        </Button>
      </div>
    </section>
  );
}

export function ReplyNotice({ message, onLeave }: { message: Message; onLeave: () => void }) {
  const { t } = useTranslation();
  const text = useBeginning(message);
  return (
    <Strip
      icon={<Reply aria-hidden className="size-4 shrink-0" />}
      label={t('inbox.replyNot')}
      onLeave={onLeave}
    >
      <span dir={directionOf(text)} className="block truncate aligned">
        {text}
      </span>
    </Strip>
  );
}

export function FileNotice({ file, onLeave }: { file: File; onLeave: () => void }) {
  const { t } = useTranslation();
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!file.type.startsWith('image/')) return;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
      setUrl(null);
    };
  }, [file]);
  const icon = url ? (
    <img src={url} alt="" className="size-12 shrink-0 rounded-mark object-cover" />
  ) : (
    <FileText aria-hidden className="size-4 shrink-0" />
  );
  return (
    <Strip icon={icon} label={t('inbox.file.remove', { name: file.name })} onLeave={onLeave}>
      <bdi className="block truncate">{file.name}</bdi>
    </Strip>
  );
}

interface StripProps {
  icon: ReactNode;
  label: string;
  onLeave: () => void;
  children: ReactNode;
}

function Strip({ icon, label, onLeave, children }: StripProps) {
  return (
    <div className="mb-2 flex items-center gap-2.5 rounded-control border-s-3 border-accent bg-sunken ps-3 pe-1 text-caption text-muted">
      {icon}
      <div className="min-w-0 grow py-1.5">{children}</div>
      <IconButton size="sm" icon={X} label={label} onClick={onLeave} />
    </div>
  );
}
