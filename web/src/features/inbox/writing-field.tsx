/** A field that grows with its text. What is offered above it is chosen by arrows and Enter. */
import { type KeyboardEvent, type RefObject, useId, useLayoutEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '@/components/ui/cx';
import { INPUT } from '@/components/ui/field';
import { useNarrow } from '@/components/use-narrow';
import { directionOf } from '@/format/direction';
import type { Suggestion } from './suggestions';

const TALLEST_PX = 168;
const MOST_CHARS = 4_096;

interface WritingFieldProps {
  field: RefObject<HTMLTextAreaElement | null>;
  label: string;
  value: string;
  /** It is for the team only. */
  tinted: boolean;
  offered: readonly Suggestion[];
  onText: (text: string, caret: number) => void;
  onCaret: (caret: number) => void;
  onSend: () => void;
  onFile: ((file: File | undefined) => void) | undefined;
  onLeave: () => void;
  onUp: () => void;
}

export function WritingField(props: WritingFieldProps) {
  const { field, label, value, tinted, offered: all, onText, onCaret, onFile } = props;
  const list = useId();
  const [active, setActive] = useState(0);
  const [hidden, setHidden] = useState<string | null>(null);
  const offered = hidden === value ? [] : all;
  const narrow = useNarrow();
  useGrown(field, value);
  const choose = (chosen: Suggestion) => {
    onText(chosen.text, chosen.caret);
    setActive(0);
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(chosen.caret, chosen.caret);
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While a word is composed, Enter belongs to the keyboard.
    if (event.nativeEvent.isComposing) return;
    if (offered.length > 0 && chosenByKey(event, offered, active, setActive, choose)) return;
    if (event.key === 'Escape' && offered.length > 0) {
      event.stopPropagation();
      setHidden(value);
    } else if (event.key === 'Escape') props.onLeave();
    else if (event.key === 'ArrowUp' && value === '') {
      event.preventDefault();
      props.onUp();
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey || (!event.shiftKey && !narrow))) {
      event.preventDefault();
      props.onSend();
    }
  };
  return (
    <div className="relative min-w-0 grow">
      <Offered id={list} offered={offered} active={active} onChoose={choose} />
      <textarea
        ref={field}
        rows={1}
        maxLength={MOST_CHARS}
        dir={value ? directionOf(value) : undefined}
        aria-label={label}
        placeholder={label}
        aria-autocomplete="list"
        aria-controls={list}
        {...(offered.length > 0 && {
          'aria-activedescendant': `${list}-${Math.min(active, offered.length - 1)}`,
        })}
        value={value}
        onChange={(event) => {
          setActive(0);
          onText(event.target.value, event.target.selectionStart);
        }}
        onSelect={(event) => onCaret(event.currentTarget.selectionStart)}
        onKeyDown={onKeyDown}
        onPaste={(event) => {
          const [file] = event.clipboardData.files;
          if (!file || !onFile) return;
          event.preventDefault();
          onFile(file);
        }}
        className={cx(
          INPUT,
          'block min-h-9 resize-none py-1.5 max-md:min-h-11 max-md:py-2',
          tinted && 'border-warn-line bg-warn-soft',
        )}
      />
    </div>
  );
}

/** Whether the key was for what is offered. */
function chosenByKey(
  event: KeyboardEvent,
  offered: readonly Suggestion[],
  active: number,
  setActive: (active: number) => void,
  choose: (chosen: Suggestion) => void,
): boolean {
  const at = Math.min(active, offered.length - 1);
  const chosen = offered[at];
  if (chosen && (event.key === 'Enter' || event.key === 'Tab')) {
    event.preventDefault();
    choose(chosen);
    return true;
  }
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return false;
  event.preventDefault();
  setActive((at + (event.key === 'ArrowDown' ? 1 : -1) + offered.length) % offered.length);
  return true;
}

function useGrown(field: RefObject<HTMLTextAreaElement | null>, value: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: how tall it is follows from what stands in it
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = 'auto';
    const borders = element.offsetHeight - element.clientHeight;
    element.style.height = `${Math.min(TALLEST_PX, element.scrollHeight + borders)}px`;
  }, [field, value]);
}

interface OfferedProps {
  id: string;
  offered: readonly Suggestion[];
  active: number;
  onChoose: (chosen: Suggestion) => void;
}

function Offered({ id, offered, active, onChoose }: OfferedProps) {
  const { t } = useTranslation();
  const at = Math.min(active, offered.length - 1);
  return (
    <div
      id={id}
      role="listbox"
      aria-label={t('inbox.suggestions')}
      className={cx(
        'absolute inset-x-0 bottom-full z-20 mb-1 max-h-72 overflow-y-auto rounded-card bg-raised p-1.5 shadow-float',
        offered.length === 0 && 'hidden',
      )}
    >
      {offered.map((one, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the text field's, which keeps the focus
        <div
          key={one.key}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(one)}
          className={cx('cursor-pointer rounded-control px-2.5 py-1.5 text-cell', index === at && 'bg-hover')}
        >
          <bdi className="font-semibold">{one.label}</bdi>
          {one.hint && (
            <span dir={directionOf(one.hint)} className="line-clamp-1 aligned text-caption text-muted">
              {one.hint}
            </span>
          )}
        </div>
      ))}
    </div>
  );
}
