/** Above a list: search, and filters as chips that can be removed. */
import { ListFilter, Search, X } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { BARE_INPUT, INPUT_BOX } from '@/components/ui/field';
import { Menu } from '@/components/ui/menu';

const TYPING_PAUSE_MS = 250;

interface SearchBoxProps {
  value: string;
  onSearch: (text: string) => void;
  placeholder: string;
}

export function SearchBox({ value, onSearch, placeholder }: SearchBoxProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(value);
  const sent = useRef(value);
  useEffect(() => {
    // The address changed by itself (back, a cleared filter): the box follows.
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);
  const send = useCallback(() => {
    if (text === sent.current) return;
    sent.current = text;
    onSearch(text);
  }, [text, onSearch]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(send, TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, send]);
  return (
    <div
      className={cx(
        INPUT_BOX,
        'h-9 w-auto! gap-2 ps-3 max-md:h-11 max-md:min-w-48 max-md:grow max-md:basis-0 md:w-80!',
      )}
    >
      <Search aria-hidden className="size-4 shrink-0 text-faint" />
      <input
        type="search"
        dir={text ? 'auto' : undefined}
        aria-label={placeholder}
        placeholder={placeholder}
        value={text}
        onChange={(event) => setText(event.target.value)}
        // What opens next begins at the address with these words in it, and goes back to it.
        onBlur={send}
        onKeyDown={(event) => (event.key === 'Enter' || event.ctrlKey || event.metaKey) && send()}
        className={cx(BARE_INPUT, 'pe-3 [&::-webkit-search-cancel-button]:hidden')}
      />
      {text && (
        <button
          type="button"
          aria-label={t('common.clearSearch')}
          className="target grid size-8 shrink-0 place-items-center rounded-mark text-faint hover:text-ink"
          onClick={() => setText('')}
        >
          <X aria-hidden className="size-4" />
        </button>
      )}
    </div>
  );
}

export function FilterMenu({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Menu
      trigger={
        <Button icon={ListFilter} className="text-muted max-md:w-11 max-md:px-0!">
          <span className="max-md:sr-only">{t('common.filter')}</span>
        </Button>
      }
    >
      {children}
    </Menu>
  );
}

export function FilterChip({ name, onRemove }: { name: string; onRemove: () => void }) {
  const { t } = useTranslation();
  return (
    <span className="inline-flex h-8 items-center gap-1 rounded-full border border-accent-line bg-accent-soft ps-3 pe-1 text-caption font-semibold text-accent-text">
      <span className="inline-block first-letter:uppercase">{name}</span>
      <button
        type="button"
        aria-label={t('common.removeFilter', { name })}
        className="grid size-6 place-items-center rounded-full hover:bg-surface"
        onClick={onRemove}
      >
        <X aria-hidden className="size-3.5" />
      </button>
    </span>
  );
}

interface ViewsProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: ReactNode }[];
  onChoose: (value: T) => void;
  /** The line under it belongs to what is around. */
  bare?: boolean;
}

/** Ready-made views of a list, as a row of tabs. */
export function Views<T extends string>({ label, value, options, onChoose, bare }: ViewsProps<T>) {
  return (
    <nav aria-label={label} className={cx('flex gap-5', !bare && 'border-b border-line')}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChoose(option.value)}
          className={cx(
            '-mb-px flex h-10 items-center gap-2 border-b-2 text-cell font-semibold transition-colors max-md:h-11',
            option.value === value
              ? 'border-accent text-ink'
              : 'border-transparent text-muted hover:text-ink',
          )}
        >
          {option.label}
        </button>
      ))}
    </nav>
  );
}
