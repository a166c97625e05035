import { useQuery } from '@tanstack/react-query';
import { ListPlus, Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OwnField } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Choices } from '@/components/ui/choices';
import { Dialog } from '@/components/ui/dialog';
import { Field, TextField } from '@/components/ui/field';
import { Empty, Refusal, SkeletonRows, Trouble } from '@/components/ui/states';
import { fieldsQuery, KINDS, type Kind, nextPosition, useAddField, useChangeField } from './queries';
import { RecordRow } from './record-row';

const MOST_CHARS = 60;

/** Fields that stand on every customer's page, and in the list where they are chosen. */
export function OwnFieldsCard() {
  const { t } = useTranslation();
  const query = useQuery(fieldsQuery);
  const change = useChangeField();
  const [open, setOpen] = useState<OwnField | 'new' | null>(null);
  const fields = query.data?.results;
  const add = (
    <Button icon={Plus} onClick={() => setOpen('new')}>
      {t('ownRecords.newField')}
    </Button>
  );
  return (
    <Card flush title={t('ownRecords.fields')} lead={t('ownRecords.fieldsLead')} action={add}>
      {query.isPending && <SkeletonRows rows={3} />}
      {query.isError && !fields && <Trouble small error={query.error} onRetry={() => void query.refetch()} />}
      {fields?.length === 0 && (
        <Empty small icon={ListPlus} title={t('ownRecords.noFields')} hint={t('ownRecords.noFieldsHint')} />
      )}
      <ul>
        {fields?.map((field) => (
          <RecordRow
            key={field.id}
            label={field.label}
            about={[t(`ownRecords.kind.${field.kind as Kind}`), field.choices.join(', ')]
              .filter(Boolean)
              .join(' · ')}
            archived={field.archived}
            busy={change.isPending}
            onEdit={() => setOpen(field)}
            onArchive={(archived) => change.mutate({ id: field.id, archived })}
          />
        ))}
      </ul>
      {open && (
        <FieldDialog
          field={open === 'new' ? null : open}
          position={nextPosition(fields ?? [])}
          onClose={() => setOpen(null)}
        />
      )}
    </Card>
  );
}

interface FieldDialogProps {
  /** The one that is changed; a new one without it. */
  field: OwnField | null;
  position: number;
  onClose: () => void;
}

function FieldDialog({ field, position, onClose }: FieldDialogProps) {
  const { t } = useTranslation();
  const add = useAddField();
  const change = useChangeField();
  const [label, setLabel] = useState(field?.label ?? '');
  const [kind, setKind] = useState<Kind>((field?.kind as Kind | undefined) ?? 'text');
  const [lines, setLines] = useState(field?.choices.join('\n') ?? '');
  const choices = [...new Set(lines.split('\n').map((line) => line.trim()))].filter(Boolean);
  const complete = label.trim() !== '' && (kind !== 'choice' || choices.length > 0);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!complete) return;
    const done = { onSuccess: onClose };
    if (field)
      change.mutate({ id: field.id, label: label.trim(), ...(kind === 'choice' && { choices }) }, done);
    else add.mutate({ label: label.trim(), kind, choices, position }, done);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={field ? t('ownRecords.editField') : t('ownRecords.newField')}
      actions={
        <>
          <Button
            look="primary"
            type="submit"
            form="own-field"
            busy={add.isPending || change.isPending}
            disabled={!complete}
          >
            {t('common.save')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      <form id="own-field" onSubmit={submit} className="flex flex-col gap-4 pb-2">
        <Field
          label={t('ownRecords.name')}
          required
          maxLength={MOST_CHARS}
          autoComplete="off"
          dir={label ? 'auto' : undefined}
          value={label}
          onChange={(event) => setLabel(event.target.value)}
        />
        {!field && (
          <Choices<Kind>
            tight
            legend={t('ownRecords.kindLegend')}
            value={kind}
            options={KINDS.map((value) => ({ value, label: t(`ownRecords.kind.${value}`) }))}
            onChoose={setKind}
          />
        )}
        {kind === 'choice' && (
          <TextField
            label={t('ownRecords.choices')}
            hint={t('ownRecords.choicesHint')}
            rows={5}
            value={lines}
            onChange={(event) => setLines(event.target.value)}
          />
        )}
        <Refusal error={add.error ?? change.error} />
      </form>
    </Dialog>
  );
}
