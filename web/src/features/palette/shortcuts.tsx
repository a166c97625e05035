/** The sheet of shortcuts. */
import { useTranslation } from 'react-i18next';
import { isMac } from '@/components/keyboard';
import { Dialog } from '@/components/ui/dialog';
import { useActing, useGoing } from './commands';

export default function ShortcutsSheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const commands = [...useGoing(), ...useActing()];
  const rows = [
    { label: t('palette.title'), keys: isMac() ? '⌘ K' : 'Ctrl K' },
    ...commands.flatMap(({ label, keys }) => (keys ? [{ label, keys }] : [])),
    { label: t('palette.nextRow'), keys: 'J' },
    { label: t('palette.previousRow'), keys: 'K' },
    { label: t('palette.openRow'), keys: 'Enter' },
    { label: t('palette.pickRow'), keys: 'X' },
    { label: t('palette.pickNone'), keys: 'Esc' },
    { label: t('palette.firstRow'), keys: 'Home' },
    { label: t('palette.lastRow'), keys: 'End' },
    { label: t('palette.searchList'), keys: '/' },
    { label: t('palette.shortcuts'), keys: '?' },
  ];
  return (
    <Dialog open onClose={onClose} title={t('palette.shortcuts')} lead={t('palette.shortcutsLead')}>
      <dl className="grid gap-x-8 pb-4 md:grid-cols-2">
        {rows.map(({ label, keys: pressed }) => (
          <div key={label} className="flex min-h-9 items-center gap-3 text-cell">
            <dt className="grow">{label}</dt>
            <dd dir="ltr" className="flex gap-1">
              {pressed.split(' ').map((key) => (
                <kbd
                  key={key}
                  className="grid h-6 min-w-6 place-items-center rounded-mark border border-line bg-sunken px-1.5 font-sans text-caption text-muted"
                >
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
