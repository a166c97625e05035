import { Smile } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/ui/button';
import { Popover } from '@/components/ui/popover';

const EMOJI = [
  ...['🙂', '😊', '😀', '😂', '😍', '😉', '😎', '🤔'],
  ...['😅', '😢', '😮', '🙄', '👍', '👎', '👌', '🙏'],
  ...['👏', '💪', '🤝', '👋', '❤️', '💙', '💯', '🔥'],
  ...['✨', '🎉', '🎂', '🌹', '☀️', '✅', '❌', '⚠️'],
  ...['⏰', '📅', '📍', '📞', '📄', '💳', '🚗', '🏠'],
];
const ACROSS = 8;
const STEPS: Record<string, number> = { ArrowDown: ACROSS, ArrowUp: -ACROSS };

interface EmojiProps {
  onChoose: (emoji: string) => void;
  /** The focus goes back to what is written. */
  onClosed: () => void;
}

export function EmojiButton({ onChoose, onClosed }: EmojiProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Popover
      open={open}
      onOpen={setOpen}
      onClosed={onClosed}
      label={t('inbox.emoji')}
      trigger={<IconButton icon={Smile} label={t('inbox.emoji')} />}
    >
      <fieldset aria-label={t('inbox.emoji')} className="grid grid-cols-8" onKeyDown={moveFocus}>
        {EMOJI.map((emoji) => (
          <button
            key={emoji}
            type="button"
            className="grid size-9 place-items-center rounded-control text-title hover:bg-hover max-md:size-10"
            onClick={() => {
              onChoose(emoji);
              setOpen(false);
            }}
          >
            {emoji}
          </button>
        ))}
      </fieldset>
    </Popover>
  );
}

function moveFocus(event: KeyboardEvent<HTMLFieldSetElement>): void {
  const all = [...event.currentTarget.querySelectorAll('button')];
  const at = all.indexOf(document.activeElement as HTMLButtonElement);
  // Left is onwards where the page reads from the right.
  const onward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  const step =
    STEPS[event.key] ??
    (event.key === onward ? 1 : event.key === 'ArrowLeft' || event.key === 'ArrowRight' ? -1 : 0);
  const next = all[at + step];
  if (step === 0 || !next) return;
  event.preventDefault();
  next.focus();
}
