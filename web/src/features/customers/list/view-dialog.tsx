import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SavedView } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Refusal } from '@/components/ui/states';
import { Switch } from '@/components/ui/switch';
import { usePermission } from '@/session/session';
import { type Standing, useChangeView, useCreateView } from './views';

interface ViewDialogProps {
  open: boolean;
  onClose: () => void;
  now: Standing;
  /** The one that is renamed or shared; a new one without it. */
  view?: SavedView;
  onSaved?: (view: SavedView) => void;
}

const MOST_CHARS = 60;

export function ViewDialog({ open, onClose, now, view, onSaved }: ViewDialogProps) {
  const { t } = useTranslation();
  const mayShare = usePermission('views:share');
  const create = useCreateView();
  const change = useChangeView();
  const [name, setName] = useState(view?.name ?? '');
  const [shared, setShared] = useState(view?.shared ?? false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const named = { name: name.trim(), shared };
    if (!named.name) return;
    if (view) {
      change.mutate({ id: view.id, named }, { onSuccess: onClose });
    } else {
      create.mutate(
        { ...named, ...now },
        {
          onSuccess: (made) => {
            setName('');
            setShared(false);
            // Going to the new view closes the dialog, too.
            onSaved?.(made);
          },
        },
      );
    }
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={view ? t('customerList.nameView') : t('customerList.saveView')}
      {...(!view && { lead: t('customerList.saveViewLead') })}
      actions={
        <>
          <Button look="primary" type="submit" form="view-form" busy={create.isPending || change.isPending}>
            {t('common.save')}
          </Button>
          <Button onClick={onClose}>{t('common.back')}</Button>
        </>
      }
    >
      <form id="view-form" onSubmit={submit} className="flex flex-col gap-3 pb-2">
        <Field
          label={t('customerList.viewName')}
          required
          maxLength={MOST_CHARS}
          autoComplete="off"
          dir={name ? 'auto' : undefined}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        {mayShare && (
          <Switch
            checked={shared}
            onChange={setShared}
            label={t('customerList.shareView')}
            hint={t('customerList.shareViewHint')}
          />
        )}
        <Refusal error={create.error ?? change.error} />
      </form>
    </Dialog>
  );
}
