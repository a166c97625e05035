/** Short messages at the bottom: what happened, with a way to take it back. */
import type { TFunction } from 'i18next';
import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { useEffect, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { problemText } from '@/i18n/problem-text';
import { IconButton } from './button';

interface Toast {
  id: number;
  text: string;
  tone: 'done' | 'problem';
  detail?: string;
  undo?: () => void;
}

const SHOWN_MS = 6_000;
const SHOWN_WITH_UNDO_MS = 10_000;
const MOST = 3;

let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function say(text: string, undo?: () => void): void {
  last += 1;
  set([...toasts, { id: last, text, tone: 'done' as const, ...(undo && { undo }) }].slice(-MOST));
}

/** What went wrong; where the fault is the server's, with the number of the request. */
export function sayProblem(t: TFunction, error: unknown): void {
  const text = problemText(t, error);
  const id = isProblem(error) && error.isOurs && error.requestId;
  const detail = id && t('problems.requestId', { id });
  last += 1;
  set([...toasts, { id: last, text, tone: 'problem' as const, ...(detail && { detail }) }].slice(-MOST));
}

export function useSayProblem(): (error: unknown) => void {
  const { t } = useTranslation();
  return (error) => sayProblem(t, error);
}

function dismiss(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 bottom-0 z-50 flex flex-col items-center gap-2 p-4 max-md:bottom-16 max-md:pb-safe max-md:[body:has([data-primary])_&]:bottom-32"
    >
      {shown.map((toast) => (
        <Bubble key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function Bubble({ toast }: { toast: Toast }) {
  const { t } = useTranslation();
  useEffect(() => {
    const timer = setTimeout(() => dismiss(toast.id), toast.undo ? SHOWN_WITH_UNDO_MS : SHOWN_MS);
    return () => clearTimeout(timer);
  }, [toast]);
  const Icon = toast.tone === 'done' ? CircleCheck : CircleAlert;
  return (
    <div className="pointer-events-auto flex max-w-lg animate-rise items-center gap-3 rounded-card bg-ink py-1.5 ps-4 pe-1.5 text-cell text-canvas shadow-float">
      <Icon aria-hidden className="size-4.5 shrink-0" />
      <div className="grow py-1">
        {toast.text}
        {toast.detail && <span className="block text-caption opacity-75">{toast.detail}</span>}
      </div>
      {toast.undo && (
        <button
          type="button"
          className="target rounded-control px-3 py-1.5 font-bold underline underline-offset-4 hover:no-underline"
          onClick={() => {
            toast.undo?.();
            dismiss(toast.id);
          }}
        >
          {t('common.undo')}
        </button>
      )}
      <IconButton
        label={t('common.close')}
        icon={X}
        size="sm"
        className="text-canvas! hover:bg-transparent hover:opacity-70"
        onClick={() => dismiss(toast.id)}
      />
    </div>
  );
}
