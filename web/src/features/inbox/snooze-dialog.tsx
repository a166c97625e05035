/** A conversation is put off: it leaves the list until then, or until the other side writes. */
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Thread } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { clockTime, fromInput, toInput } from '@/format/dates';
import { useZone } from '@/format/use-format';
import { useChangeThread } from './actions';

const HOUR_MS = 3_600_000;
const MORNING = 9;

export function SnoozeDialog({ thread, onClose }: { thread: Thread; onClose: () => void }) {
  const { t } = useTranslation();
  const zone = useZone();
  const change = useChangeThread(thread.id);
  const [value, setValue] = useState(() => toInput(zone, clockTime(zone, new Date(), 1, MORNING)));
  const until = fromInput(zone, value);
  const past = until === null || until <= new Date();
  const snooze = (moment: Date) => {
    change.mutate({ change: { snoozed_until: moment.toISOString() }, done: t('inbox.snoozed') });
    onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (until && !past) snooze(until);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('inbox.snooze')}
      lead={t('inbox.snoozeLead')}
      actions={
        <Button look="primary" type="submit" form="snooze-thread" disabled={past}>
          {t('inbox.snoozeIt')}
        </Button>
      }
    >
      <form id="snooze-thread" onSubmit={submit} className="flex flex-col gap-3 pb-2">
        <Field
          label={t('inbox.snoozeUntil')}
          type="datetime-local"
          className="tabular"
          value={value}
          error={past ? t('inbox.snoozePast') : undefined}
          onChange={(event) => setValue(event.target.value)}
        />
        <div className="flex flex-wrap gap-2">
          <Button size="sm" onClick={() => snooze(new Date(Date.now() + HOUR_MS))}>
            {t('inbox.snoozeHour')}
          </Button>
          <Button size="sm" onClick={() => snooze(clockTime(zone, new Date(), 1, MORNING))}>
            {t('inbox.snoozeTomorrow')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
