import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CustomerStatusRow } from '@/api/types';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { SkeletonRows, Trouble } from '@/components/ui/states';
import { nextPosition, statusesQuery, useAddStatus, useChangeStatus } from './queries';
import { RecordRow } from './record-row';

const MOST_CHARS = 60;

/** How far a customer has come: what every business has, and the business's own. */
export function OwnStatuses() {
  const { t } = useTranslation();
  const query = useQuery(statusesQuery);
  const change = useChangeStatus();
  const [editing, setEditing] = useState<CustomerStatusRow | null>(null);
  const all = query.data?.results ?? [];
  const own = all.filter(({ id }) => id != null);
  return (
    <Card flush title={t('ownRecords.statuses')} lead={t('ownRecords.statusesLead')}>
      {query.isPending && <SkeletonRows rows={3} />}
      {query.isError && <Trouble small error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && (
        <>
          <div className="flex flex-wrap items-center gap-2 px-5 pb-4">
            {all
              .filter(({ id }) => id == null)
              .map(({ key }) => (
                <Badge key={key}>{t(`customers.status.${key as 'new'}`)}</Badge>
              ))}
            <span className="text-caption text-muted">{t('ownRecords.builtIn')}</span>
          </div>
          <ul>
            {own.map((status) => (
              <RecordRow
                key={status.key}
                label={status.label}
                archived={status.archived}
                busy={change.isPending}
                onEdit={() => setEditing(status)}
                onArchive={(archived) => status.id != null && change.mutate({ id: status.id, archived })}
              />
            ))}
          </ul>
          <AddStatus position={nextPosition(own)} />
        </>
      )}
      {editing?.id != null && (
        <RenameDialog
          label={editing.label}
          busy={change.isPending}
          onClose={() => setEditing(null)}
          onSave={(label) =>
            editing.id != null &&
            change.mutate({ id: editing.id, label }, { onSuccess: () => setEditing(null) })
          }
        />
      )}
    </Card>
  );
}

function AddStatus({ position }: { position: number }) {
  const { t } = useTranslation();
  const add = useAddStatus();
  const [label, setLabel] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (label.trim()) add.mutate({ label: label.trim(), position }, { onSuccess: () => setLabel('') });
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2 border-t border-line px-5 py-4">
      <div className="min-w-48 grow">
        <Field
          label={t('ownRecords.newStatus')}
          maxLength={MOST_CHARS}
          autoComplete="off"
          dir={label ? 'auto' : undefined}
          value={label}
          onChange={(event) => setLabel(event.target.value)}
        />
      </div>
      <Button type="submit" icon={Plus} busy={add.isPending} disabled={!label.trim()}>
        {t('common.add')}
      </Button>
    </form>
  );
}

interface RenameDialogProps {
  label: string;
  busy: boolean;
  onClose: () => void;
  onSave: (label: string) => void;
}

function RenameDialog({ label, busy, onClose, onSave }: RenameDialogProps) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(label);
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('ownRecords.rename')}
      actions={
        <>
          <Button look="primary" busy={busy} disabled={!draft.trim()} onClick={() => onSave(draft.trim())}>
            {t('common.save')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      <div className="pb-2">
        <Field
          label={t('ownRecords.name')}
          maxLength={MOST_CHARS}
          autoComplete="off"
          dir="auto"
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
        />
      </div>
    </Dialog>
  );
}
