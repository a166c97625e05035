/** Putting a task off: ten minutes, an hour, until the next opening, or until any time. */
import { AlarmClock, CalendarClock, Clock, DoorOpen } from 'lucide-react';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Snooze } from '@/api/types';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Menu, MenuItem } from '@/components/ui/menu';
import { fromInput, toInput } from '@/format/dates';
import { useFormat, useNow, useZone } from '@/format/use-format';
import { useDue } from './due';
import { nextOpening, useOpenings } from './opening';

interface SnoozeMenuProps {
  trigger: ReactElement;
  onSnooze: (until: Snooze) => void;
}

export function SnoozeMenu({ trigger, onSnooze }: SnoozeMenuProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [custom, setCustom] = useState(false);
  return (
    <>
      <Menu trigger={trigger} open={open} onOpen={setOpen}>
        <MenuItem icon={Clock} onSelect={() => onSnooze({ preset: '10m' })}>
          {t('tasks.snooze.tenMinutes')}
        </MenuItem>
        <MenuItem icon={AlarmClock} onSelect={() => onSnooze({ preset: '1h' })}>
          {t('tasks.snooze.hour')}
        </MenuItem>
        <NextOpening onSnooze={onSnooze} />
        <MenuItem icon={CalendarClock} onSelect={() => setCustom(true)}>
          {t('tasks.snooze.custom')}
        </MenuItem>
      </Menu>
      {custom && <CustomTime onClose={() => setCustom(false)} onSnooze={onSnooze} />}
    </>
  );
}

function NextOpening({ onSnooze }: Pick<SnoozeMenuProps, 'onSnooze'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const zone = useZone();
  const now = useNow();
  const at = nextOpening(zone, now, useOpenings());
  return (
    <MenuItem
      icon={DoorOpen}
      onSelect={() => onSnooze({ preset: 'next_opening' })}
      {...(at && { hint: format.when(at.toISOString(), now) })}
    >
      {t('tasks.snooze.opening')}
    </MenuItem>
  );
}

function CustomTime({ onClose, onSnooze }: { onClose: () => void } & Pick<SnoozeMenuProps, 'onSnooze'>) {
  const { t } = useTranslation();
  const { zone, time } = useDue();
  const [value, setValue] = useState(() => toInput(zone, time('opening') ?? new Date()));
  const until = fromInput(zone, value);
  const past = until === null || until <= new Date();
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('tasks.snooze.customTitle')}
      actions={
        <Button look="primary" type="submit" form="snooze-until" disabled={past}>
          {t('tasks.snooze.act')}
        </Button>
      }
    >
      <form
        id="snooze-until"
        onSubmit={(event) => {
          event.preventDefault();
          if (!until || past) return;
          onClose();
          onSnooze({ until: until.toISOString() });
        }}
      >
        <Field
          label={t('tasks.snooze.until')}
          type="datetime-local"
          className="tabular"
          value={value}
          error={past ? t('tasks.snooze.past') : undefined}
          onChange={(event) => setValue(event.target.value)}
        />
      </form>
    </Dialog>
  );
}
