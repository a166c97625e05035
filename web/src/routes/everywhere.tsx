/** What can open over any page: alarms, the palette, the sheet of shortcuts. */
import { useDial } from '@/features/calls/actions';
import { PaletteAndKeys } from '@/features/palette/keys';
import { TaskAlarm } from '@/features/tasks/alarm/alarm';

export default function Everywhere() {
  const dial = useDial();
  return (
    <>
      <TaskAlarm onDial={(customer_id) => dial.mutate({ customer_id })} />
      <PaletteAndKeys />
    </>
  );
}
