/** Keys that work on a whole page. Letters are matched by their place on the keyboard, so Hebrew layouts work too. */
import { useEffect, useRef } from 'react';

type Bindings = Partial<Record<'next' | 'previous' | 'search', () => void>>;

const KEYS: Record<string, keyof Bindings> = { KeyJ: 'next', KeyK: 'previous', Slash: 'search' };

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

export function useKeys(bindings: Bindings): void {
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"], [role="menu"]')) return;
      const name = event.key === '/' ? 'search' : KEYS[event.code];
      const act = name && latest.current[name];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, []);
}
