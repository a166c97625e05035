/** The one connection for realtime events. Calls that someone watches are joined, and joined again after a gap. */
import { io, type Socket } from 'socket.io-client';
import { renewSession } from '@/api/client';
import { sessionIsOver } from '@/api/over';
import { queryClient } from '@/api/queries';
import { afterReconnect, EVENTS } from './events';

let socket: Socket | null = null;
let connected = true;
let wasConnected = false;
const watched = new Map<number, number>();
const listeners = new Set<() => void>();

export function connect(): void {
  if (socket) return;
  socket = io('/', { path: '/ws', transports: ['websocket', 'polling'], reconnectionDelayMax: 5_000 });
  for (const [name, handle] of Object.entries(EVENTS)) {
    socket.on(name, (payload: unknown) => handle(queryClient, payload as never));
  }
  socket.on('connect', () => {
    for (const call of watched.keys()) socket?.emit('call:join', { call_id: call }, () => {});
    if (wasConnected) afterReconnect(queryClient);
    wasConnected = true;
    report(true);
  });
  socket.on('disconnect', (reason) => {
    report(false);
    // The server closes a connection that is somebody else's now; with a renewed session it takes us back.
    if (reason === 'io server disconnect') void reconnectSignedIn();
  });
  socket.on('connect_error', () => {
    report(false);
    if (!socket?.active) void reconnectSignedIn();
  });
}

const REFUSED_WAIT_MS = 3_000;

async function reconnectSignedIn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, REFUSED_WAIT_MS));
  await renewSession();
  if (!sessionIsOver()) socket?.connect();
}

export function disconnect(): void {
  socket?.disconnect();
  socket = null;
  wasConnected = false;
}

/** Receive a call's words and levels until the returned function is called. */
export function watchCall(call: number): () => void {
  const watchers = watched.get(call) ?? 0;
  watched.set(call, watchers + 1);
  if (watchers === 0 && socket?.connected) socket.emit('call:join', { call_id: call }, () => {});
  return () => {
    const left = (watched.get(call) ?? 1) - 1;
    if (left > 0) {
      watched.set(call, left);
      return;
    }
    watched.delete(call);
    socket?.emit('call:leave', { call_id: call }, () => {});
  };
}

function report(now: boolean): void {
  connected = now;
  for (const listener of listeners) listener();
}

export function subscribeToConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function isConnected(): boolean {
  return connected;
}
