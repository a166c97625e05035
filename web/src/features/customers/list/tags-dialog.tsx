import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { formatCount } from '@/format/numbers';
import { readTags } from '../tags';
import type { Change } from './bulk';

interface TagsDialogProps {
  open: boolean;
  onClose: () => void;
  count: number;
  onAct: (change: Change) => void;
}

/** Tags that many customers get or lose. */
export function TagsDialog({ open, onClose, count, onAct }: TagsDialogProps) {
  const { t } = useTranslation();
  const [added, setAdded] = useState('');
  const [removed, setRemoved] = useState('');
  const [add_tags, remove_tags] = [readTags(added), readTags(removed)];
  const nothing = add_tags.length === 0 && remove_tags.length === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (nothing) return;
    onClose();
    onAct({ ...(add_tags.length > 0 && { add_tags }), ...(remove_tags.length > 0 && { remove_tags }) });
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('customerList.bulk.tagsTitle', { count, shown: formatCount(count) })}
      lead={t('customerList.tagsHint')}
      actions={
        <>
          <Button look="primary" type="submit" form="bulk-tags" disabled={nothing}>
            {t('customerList.bulk.tagsDo')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      <form id="bulk-tags" onSubmit={submit} className="flex flex-col gap-4 pb-2">
        <Field
          label={t('customerList.bulk.tagsAdd')}
          autoComplete="off"
          value={added}
          onChange={(event) => setAdded(event.target.value)}
        />
        <Field
          label={t('customerList.bulk.tagsRemove')}
          autoComplete="off"
          value={removed}
          onChange={(event) => setRemoved(event.target.value)}
        />
      </form>
    </Dialog>
  );
}
