import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Thread } from '@/api/types';
import { FilterChip } from '@/components/data-table/toolbar';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { useChangeThread } from './actions';

const LONGEST = 60;

export function LabelsDialog({ thread, onClose }: { thread: Thread; onClose: () => void }) {
  const { t } = useTranslation();
  const change = useChangeThread(thread.id);
  const [typed, setTyped] = useState('');
  const { labels } = thread;
  const set = (next: string[]) => change.mutate({ change: { labels: next } });
  const add = (event: FormEvent) => {
    event.preventDefault();
    const label = typed.trim();
    if (!label) return;
    if (!labels.includes(label)) set([...labels, label]);
    setTyped('');
  };
  return (
    <Dialog open onClose={onClose} title={t('inbox.labels')}>
      <form onSubmit={add} className="flex items-end gap-2">
        <div className="grow">
          <Field
            label={t('inbox.newLabel')}
            maxLength={LONGEST}
            autoComplete="off"
            dir={typed ? 'auto' : undefined}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
        <Button type="submit" disabled={!typed.trim()}>
          {t('common.add')}
        </Button>
      </form>
      <div className="flex min-h-16 flex-wrap content-start gap-2 pt-4 pb-5">
        {labels.map((label) => (
          <FilterChip key={label} name={label} onRemove={() => set(labels.filter((one) => one !== label))} />
        ))}
        {labels.length === 0 && <p className="text-cell text-muted">{t('inbox.noLabels')}</p>}
      </div>
    </Dialog>
  );
}
