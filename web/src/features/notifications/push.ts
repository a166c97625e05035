/** Push to this browser: the service worker that shows it, and the server's knowledge of where to send it. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';

export type PushHere = 'unsupported' | 'needs_home_screen' | 'denied' | 'off' | 'on';

const WORKER = '/sw.js';
const ARRIVAL_MS = 30_000;

export function isIos(): boolean {
  const { userAgent, maxTouchPoints } = navigator;
  return /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
}

/** It runs as an app of its own, from the home screen. */
export function isInstalled(): boolean {
  const standalone = 'standalone' in navigator && navigator.standalone === true;
  return standalone || window.matchMedia('(display-mode: standalone)').matches;
}

async function pushHere(): Promise<PushHere> {
  const supported = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
  if (!supported) return isIos() && !isInstalled() ? 'needs_home_screen' : 'unsupported';
  if (Notification.permission === 'denied') return 'denied';
  const worker = await navigator.serviceWorker.getRegistration();
  const subscription = await worker?.pushManager.getSubscription();
  return subscription && Notification.permission === 'granted' ? 'on' : 'off';
}

export const pushHereQuery = queryOptions({ queryKey: keys.pushHere, queryFn: pushHere, staleTime: 0 });

/** The server's key as browsers want it. */
export function keyBytes(base64url: string): Uint8Array<ArrayBuffer> {
  const base64 = base64url.replace(/-/g, '+').replace(/_/g, '/');
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** Asks the person, so only ever from a click. */
async function turnOn(): Promise<PushHere> {
  if ((await Notification.requestPermission()) !== 'granted') return pushHere();
  const [{ public_key }] = await Promise.all([
    take(api.GET('/api/push/vapid_public_key')),
    navigator.serviceWorker.register(WORKER),
  ]);
  const worker = await navigator.serviceWorker.ready;
  const subscription = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: keyBytes(public_key),
  });
  const { endpoint, keys: secrets } = subscription.toJSON();
  const body = {
    endpoint: endpoint ?? '',
    keys: { p256dh: secrets?.p256dh ?? '', auth: secrets?.auth ?? '' },
  };
  await take(api.POST('/api/push/subscriptions', { body }));
  return 'on';
}

async function turnOff(): Promise<PushHere> {
  const worker = await navigator.serviceWorker.getRegistration();
  const subscription = await worker?.pushManager.getSubscription();
  if (subscription) {
    await take(
      api.DELETE('/api/push/subscriptions', { params: { query: { endpoint: subscription.endpoint } } }),
    );
    await subscription.unsubscribe();
  }
  return pushHere();
}

export function useTurnPush() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (on: boolean) => (on ? turnOn() : turnOff()),
    onSuccess: (state) => client.setQueryData(pushHereQuery.queryKey, state),
    onError: () => client.invalidateQueries({ queryKey: keys.pushHere }),
  });
}

/** Has a notification sent, and waits until the service worker says that it came. */
async function sendTest(): Promise<boolean> {
  let heard = () => {};
  const arrival = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), ARRIVAL_MS);
    const message = ({ data }: MessageEvent<{ arrived?: string }>) => {
      if (data.arrived !== 'test') return;
      clearTimeout(timer);
      resolve(true);
    };
    navigator.serviceWorker.addEventListener('message', message);
    navigator.serviceWorker.startMessages();
    heard = () => navigator.serviceWorker.removeEventListener('message', message);
  });
  try {
    await take(api.POST('/api/push/test'));
    return await arrival;
  } finally {
    heard();
  }
}

export const useTestPush = () => useMutation({ mutationFn: sendTest });
