/** What a control is called, shown beside it to who points at it or comes to it by keyboard. */
import {
  cloneElement,
  type ReactElement,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

const WAIT_MS = 350;
const GAP = 6;
const MARGIN = 8;

/** The words also have to be the control's own name: who does not see the tip is not told of it. */
export function Tooltip({ text, children }: { text: string; children: ReactElement }) {
  return cloneElement(children as ReactElement<{ 'data-tip'?: string }>, { 'data-tip': text });
}

interface Tip {
  text: string;
  at: DOMRect;
}

/** One tip for the whole window. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    <>
      {children}
      <Shown tip={useTip()} />
    </>
  );
}

function useTip(): Tip | null {
  const [tip, setTip] = useState<Tip | null>(null);
  useEffect(() => {
    let timer = 0;
    let current: HTMLElement | null = null;
    const hide = () => {
      clearTimeout(timer);
      current = null;
      setTip(null);
    };
    const show = (element: HTMLElement, wait_ms: number) => {
      clearTimeout(timer);
      current = element;
      timer = window.setTimeout(() => {
        const text = element.dataset.tip;
        if (element.isConnected && text) setTip({ text, at: element.getBoundingClientRect() });
      }, wait_ms);
    };
    const tipped = (event: Event) =>
      event.target instanceof Element ? event.target.closest<HTMLElement>('[data-tip]') : null;
    const over = (event: PointerEvent) => {
      const element = event.pointerType === 'touch' ? null : tipped(event);
      if (element && element !== current) show(element, WAIT_MS);
      else if (!element && current) hide();
    };
    const focused = (event: FocusEvent) => {
      const element = tipped(event);
      if (element?.matches(':focus-visible')) show(element, 0);
    };
    const listeners = [
      ['pointerover', over],
      ['focusin', focused],
      ['focusout', hide],
      ['pointerdown', hide],
      ['keydown', hide],
      ['scroll', hide],
    ] as [string, (event: Event) => void][];
    for (const [name, act] of listeners)
      document.addEventListener(name, act, { capture: true, passive: true });
    return () => {
      hide();
      for (const [name, act] of listeners) document.removeEventListener(name, act, { capture: true });
    };
  }, []);
  return tip;
}

/** Above what it names, or below where there is no room; never out of the window. */
function Shown({ tip }: { tip: Tip | null }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const own = box.current;
    if (!tip || !own) return;
    const { width, height } = own.getBoundingClientRect();
    const above = tip.at.top - height - GAP;
    const wanted = tip.at.left + tip.at.width / 2 - width / 2;
    const most = document.documentElement.clientWidth - width - MARGIN;
    const x = Math.max(MARGIN, Math.min(wanted, most));
    const y = above < MARGIN ? tip.at.bottom + GAP : above;
    own.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }, [tip]);
  if (!tip) return null;
  return (
    <div
      ref={box}
      dir="ltr"
      aria-hidden
      className="pointer-events-none fixed start-0 top-0 z-50 w-max max-w-72"
    >
      <div
        dir="auto"
        className="animate-fade rounded-control bg-ink px-2.5 py-1 text-caption font-semibold text-canvas shadow-float"
      >
        {tip.text}
      </div>
    </div>
  );
}
