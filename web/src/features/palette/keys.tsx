/** The palette, the sheet of shortcuts, and the keys that work everywhere. */
import { lazy, Suspense, useEffect, useRef } from 'react';
import { isPaletteKey, useKeys } from '@/components/keyboard';
import { useDialog } from '@/components/ui/use-dialog';
import { useActing, useGoing } from './commands';

const Palette = lazy(() => import('./palette'));
const ShortcutsSheet = lazy(() => import('./shortcuts'));

export function PaletteAndKeys() {
  const palette = useDialog('palette');
  const sheet = useDialog('shortcuts');
  usePaletteKey(palette);
  useKeys({ ...useCommandKeys(), '?': sheet.show });
  return (
    <Suspense>
      {palette.open && <Palette onClose={palette.hide} />}
      {sheet.open && <ShortcutsSheet onClose={sheet.hide} />}
    </Suspense>
  );
}

/** What is shown as `G T` is pressed as `g t`. */
function useCommandKeys() {
  const commands = [...useGoing(), ...useActing()];
  return Object.fromEntries(commands.flatMap(({ keys, run }) => (keys ? [[keys.toLowerCase(), run]] : [])));
}

function usePaletteKey(palette: ReturnType<typeof useDialog>): void {
  const latest = useRef(palette);
  useEffect(() => {
    latest.current = palette;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!isPaletteKey(event)) return;
      event.preventDefault();
      const { open, show, hide } = latest.current;
      if (open) hide();
      else if (!document.querySelector('[role="dialog"], [role="menu"]')) show();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, []);
}
