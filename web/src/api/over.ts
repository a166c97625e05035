/**
 * Whether the session of this window is over. What stands on the screen stays, nothing new comes, and nothing more is asked
 * of the server until somebody has signed in again.
 */
import { useSyncExternalStore } from 'react';

let over = false;
const listeners = new Set<() => void>();

function set(now: boolean): void {
  if (over === now) return;
  over = now;
  for (const listener of listeners) listener();
}

export function sessionIsOver(): boolean {
  return over;
}

export function endSession(): void {
  set(true);
}

export function resumeSession(): void {
  set(false);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSessionOver(): boolean {
  return useSyncExternalStore(subscribe, sessionIsOver);
}
