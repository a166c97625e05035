/** The frame of every signed-in page, with what reaches a person wherever they are. */
import { lazy, Suspense } from 'react';
import { NotificationsBell } from '@/features/notifications/bell';
import { PaletteButton } from '@/features/palette/button';
import { Shell } from '@/shell/shell';

// What listens on every page comes once the page stands.
const Everywhere = lazy(() => import('./everywhere'));

export function Frame() {
  return (
    <Shell search={<PaletteButton />} bell={<NotificationsBell />}>
      <Suspense>
        <Everywhere />
      </Suspense>
    </Shell>
  );
}
