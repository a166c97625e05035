import { useSyncExternalStore } from 'react';

const NARROW = '(max-width: 47.99rem)';
const ROOMY = '(min-width: 80rem)';

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

/** Whether three panes have room beside the navigation. */
export function useRoomy(): boolean {
  return useWindow(ROOMY);
}
