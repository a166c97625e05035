import { useSyncExternalStore } from 'react';

const NARROW = '(max-width: 47.99rem)';
const LARGE = '(min-width: 64rem)';
const ROOMY = '(min-width: 80rem)';
const VAST = '(min-width: 96rem)';

function useWindow(media: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = window.matchMedia(media);
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => window.matchMedia(media).matches,
  );
}

/** Whether the window is as narrow as a phone. */
export function useNarrow(): boolean {
  return useWindow(NARROW);
}

/** Which of the widths at which more is shown the window has. */
export function useWidths(): Record<'lg' | 'xl' | '2xl', boolean> {
  return { lg: useWindow(LARGE), xl: useWindow(ROOMY), '2xl': useWindow(VAST) };
}

/** Whether three panes have room beside the navigation. */
export function useRoomy(): boolean {
  return useWindow(ROOMY);
}
