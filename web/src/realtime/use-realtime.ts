import { useEffect, useState } from 'react';
import { useSessionOver } from '@/api/over';

const PATIENCE_MS = 4_000;

/** Keeps the realtime connection while a signed-in page stands and its session lasts; says whether it holds (short gaps do not count). */
export function useRealtime(): boolean {
  const [connected, setConnected] = useState(true);
  const signedOut = useSessionOver();
  useEffect(() => {
    if (signedOut) return;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stop = () => {};
    void import('./socket').then((socket) => {
      if (over) return;
      socket.connect();
      const changed = () => {
        clearTimeout(timer);
        if (socket.isConnected()) setConnected(true);
        else timer = setTimeout(() => setConnected(false), PATIENCE_MS);
      };
      const unsubscribe = socket.subscribeToConnection(changed);
      stop = () => {
        unsubscribe();
        socket.disconnect();
      };
    });
    return () => {
      over = true;
      clearTimeout(timer);
      stop();
    };
  }, [signedOut]);
  return connected;
}

/** Receive the words and levels of this call while it runs. */
export function useWatchedCall(call: number | null): void {
  useEffect(() => {
    if (call === null) return;
    let stop = () => {};
    let over = false;
    void import('./socket').then((socket) => {
      if (!over) stop = socket.watchCall(call);
    });
    return () => {
      over = true;
      stop();
    };
  }, [call]);
}
