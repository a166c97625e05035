/** Where a note is written. After `@` the team's names are offered; arrows and Enter choose one. */
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { mentioned, type Person, suggested, typedMention } from '@/components/mentions';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { INPUT } from '@/components/ui/field';
import { usePeople } from '@/session/people';

interface ComposerProps {
  label: string;
  initial?: string;
  busy: boolean;
  onWrite: (written: { text: string; mentions: number[] }) => void;
  onLeave?: () => void;
}

const MOST_CHARS = 20_000;

export function Composer({ label, initial = '', busy, onWrite, onLeave }: ComposerProps) {
  const { t } = useTranslation();
  const { people } = usePeople();
  const list = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(initial);
  const [caret, setCaret] = useState(0);
  const [active, setActive] = useState(0);
  const typing = typedMention(text, caret);
  const offered = typing ? suggested(people, typing.typed) : [];
  const choose = (person: Person) => {
    if (!typing) return;
    const before = `${text.slice(0, typing.from)}@${person.name} `;
    setText(before + text.slice(caret));
    setCaret(before.length);
    setActive(0);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(before.length, before.length);
    });
  };
  const write = () => {
    if (!text.trim() || busy) return;
    onWrite({ text: text.trim(), mentions: mentioned(people, text) });
    if (!initial) setText('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const person = offered[active];
    if (person && (event.key === 'Enter' || event.key === 'Tab')) {
      event.preventDefault();
      choose(person);
    } else if (person && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive((active + step + offered.length) % offered.length);
    } else if (event.key === 'Escape' && offered.length > 0) {
      event.stopPropagation();
      setCaret(0);
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      write();
    }
  };
  return (
    <div className="relative">
      <textarea
        ref={area}
        rows={3}
        maxLength={MOST_CHARS}
        dir={text ? 'auto' : undefined}
        aria-label={label}
        placeholder={t('sameCustomer.notes.placeholder')}
        aria-autocomplete="list"
        aria-controls={list}
        {...(offered.length > 0 && { 'aria-activedescendant': `${list}-${active}` })}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setCaret(event.target.selectionStart);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        className={cx(INPUT, 'py-2')}
      />
      <div
        id={list}
        role="listbox"
        aria-label={t('sameCustomer.notes.people')}
        className={cx(
          'absolute inset-x-0 top-full z-20 mt-1 rounded-card bg-raised p-1.5 shadow-float',
          offered.length === 0 && 'hidden',
        )}
      >
        {offered.map((person, at) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the text field's, which keeps the focus
          <div
            key={person.id}
            id={`${list}-${at}`}
            role="option"
            tabIndex={-1}
            aria-selected={at === active}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(person)}
            className={cx(
              'cursor-pointer rounded-control px-2.5 py-1.5 text-cell',
              at === active && 'bg-hover',
            )}
          >
            <bdi>{person.name}</bdi>
          </div>
        ))}
      </div>
      <div className="mt-2 flex gap-2">
        <Button look="primary" size="sm" busy={busy} disabled={!text.trim()} onClick={write}>
          {t('sameCustomer.notes.save')}
        </Button>
        {onLeave && (
          <Button size="sm" onClick={onLeave}>
            {t('common.back')}
          </Button>
        )}
      </div>
    </div>
  );
}
