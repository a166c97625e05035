import { useTranslation } from 'react-i18next';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';

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
