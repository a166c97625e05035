import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';

interface CardProps {
  title: string;
  lead: string;
  action?: ReactNode;
  children: ReactNode;
}

export function Card({ title, lead, action, children }: CardProps) {
  return (
    <section className="min-w-0 rounded-card border border-line bg-surface">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 pt-4 pb-3">
        <div className="min-w-0 grow basis-60">
          <h2 className="text-lead font-bold">{title}</h2>
          <p className="max-w-[70ch] text-cell text-muted">{lead}</p>
        </div>
        {action}
      </header>
      {children}
    </section>
  );
}

interface RecordRowProps {
  label: string;
  about?: string | undefined;
  archived: boolean;
  busy: boolean;
  onEdit: () => void;
  onArchive: (archived: boolean) => void;
}

/** A status or a field: renamed, put away, or taken out again. */
export function RecordRow({ label, about, archived, busy, onEdit, onArchive }: RecordRowProps) {
  const { t } = useTranslation();
  return (
    <li className="flex min-h-13 flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-5 py-2 text-cell">
      <bdi className={archived ? 'text-muted' : 'font-semibold'}>{label}</bdi>
      {archived && <Badge>{t('ownRecords.archived')}</Badge>}
      {about && (
        <span dir="auto" className="min-w-0 truncate text-caption text-muted">
          {about}
        </span>
      )}
      <span className="grow" />
      {!archived && (
        <Button size="sm" look="ghost" onClick={onEdit}>
          {t('ownRecords.edit')}
          <Of label={label} />
        </Button>
      )}
      <Button size="sm" look="ghost" busy={busy} onClick={() => onArchive(!archived)}>
        {t(archived ? 'ownRecords.takeOut' : 'ownRecords.archive')}
        <Of label={label} />
      </Button>
    </li>
  );
}

/** Which one, for those who hear the buttons without the row. */
function Of({ label }: { label: string }) {
  return <span className="sr-only">: {label}</span>;
}
