/** The frame of every signed-in page, with what reaches a person wherever they are. */
import { useDial } from '@/features/calls/actions';
import { NotificationsBell } from '@/features/notifications/bell';
import { PaletteAndKeys, PaletteButton } from '@/features/palette/keys-and-button';
import { TaskAlarm } from '@/features/tasks/alarm/alarm';
import { Shell } from '@/shell/shell';

export function Frame() {
  const dial = useDial();
  return (
    <Shell search={<PaletteButton />} bell={<NotificationsBell />}>
      <TaskAlarm onDial={(customer_id) => dial.mutate({ customer_id })} />
      <PaletteAndKeys />
    </Shell>
  );
}
