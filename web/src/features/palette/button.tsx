/** The field in the bar that opens the palette. */
import { Search } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { isMac } from '@/components/keyboard';
import { IconButton } from '@/components/ui/button';
import { useDialog } from '@/components/ui/use-dialog';
import { useNarrow } from '@/components/use-narrow';

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
