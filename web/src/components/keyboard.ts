/** Keys that work on a whole page. Letters are matched by their place on the keyboard, so Hebrew layouts work too. */
import { useEffect, useRef } from 'react';

/** What one presses: the letter of a key's place (`j`), two after each other (`g t`), `/` or `?`. */
type Bindings = Partial<Record<string, () => void>>;

const SEQUENCE_MS = 1_200;

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** The slash and the question mark stand elsewhere on other layouts, so what they write counts too. */
function nameOf(event: KeyboardEvent): string {
  if (event.key === '?' || (event.code === 'Slash' && event.shiftKey)) return '?';
  if (event.key === '/' || event.code === 'Slash') return '/';
  return event.shiftKey ? '' : event.code.replace(/^Key/, '').toLowerCase();
}

export function useKeys(bindings: Bindings): void {
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => {
    let before = { name: '', at: 0 };
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return;
      if (document.querySelector('[role="dialog"], [role="menu"]')) return;
      const name = nameOf(event);
      const quick = event.timeStamp - before.at < SEQUENCE_MS;
      const act = (quick && latest.current[`${before.name} ${name}`]) || latest.current[name];
      before = { name, at: event.timeStamp };
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, []);
}

/** The palette's key, which also works while one types: Ctrl K, on a Mac ⌘K. */
export function isPaletteKey(event: KeyboardEvent): boolean {
  return (
    event.code === 'KeyK' && (isMac() ? event.metaKey : event.ctrlKey) && !event.shiftKey && !event.altKey
  );
}

export function isMac(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent);
}
