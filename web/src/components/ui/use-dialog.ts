/** A dialog is a step in the history, so that the browser's back closes it first. */
import { useRouter, useRouterState } from '@tanstack/react-router';
import { useCallback } from 'react';

declare module '@tanstack/react-router' {
  interface HistoryState {
    dialog?: string | undefined;
  }
}

interface DialogState {
  open: boolean;
  show: () => void;
  /** In the place of another dialog that is open: back closes both. */
  swap: () => void;
  hide: () => void;
}

export function useDialog(name: string): DialogState {
  const router = useRouter();
  const open = useRouterState({ select: (state) => state.location.state.dialog === name });
  const go = useCallback(
    (replace: boolean) =>
      void router.navigate({
        to: '.',
        search: true,
        hash: true,
        state: (state) => ({ ...state, dialog: name }),
        resetScroll: false,
        replace,
      }),
    [router, name],
  );
  const show = useCallback(() => go(false), [go]);
  const swap = useCallback(() => go(true), [go]);
  const hide = useCallback(() => {
    if (router.state.location.state.dialog === name) router.history.back();
  }, [router, name]);
  return { open, show, swap, hide };
}
