/** The field in the bar that opens the palette, and the keys that work everywhere. */
import { Search } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { isMac, isPaletteKey, useKeys } from '@/components/keyboard';
import { IconButton } from '@/components/ui/button';
import { useDialog } from '@/components/ui/dialog';
import { useNarrow } from '@/components/use-narrow';
import { useActing, useGoing } from './commands';

const Palette = lazy(() => import('./palette'));
const ShortcutsSheet = lazy(() => import('./shortcuts'));

export function PaletteButton() {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const palette = useDialog('palette');
  if (narrow) return <IconButton icon={Search} label={t('palette.title')} onClick={palette.show} />;
  return (
    <button
      type="button"
      onClick={palette.show}
      className="flex h-9 items-center gap-2.5 rounded-control border border-line bg-surface ps-3 pe-2 text-cell text-muted transition-colors hover:border-edge hover:text-ink"
    >
      <Search aria-hidden className="size-4" />
      {t('palette.short')}
      <kbd dir="ltr" className="rounded-mark bg-sunken px-1.5 font-sans text-caption text-muted">
        {isMac() ? '⌘K' : 'Ctrl K'}
      </kbd>
    </button>
  );
}

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
