// Push only. There is no fetch handler: pages, webhooks and audio never pass through here.
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

const FALLBACK = { title: 'AgentLocator', navigate: '/crm' };

/** The shape of Declarative Web Push, which browsers without it leave to us. Whatever comes, something is shown. */
function read(data) {
  try {
    const { web_push: version, notification } = data.json();
    if (version === 8030 && notification?.title) return notification;
  } catch {
    // Not JSON: the fallback says that there is something.
  }
  return FALLBACK;
}

async function show(said) {
  const { title, body, lang, dir, tag, navigate, data } = said;
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  for (const window of windows) window.postMessage({ arrived: data?.kind ?? 'unknown' });
  await self.registration.showNotification(title, {
    body: body ?? '',
    lang: lang ?? 'he',
    dir: dir ?? 'auto',
    icon: '/icons/192.png',
    badge: '/icons/badge.png',
    ...(tag && { tag, renotify: true }),
    data: { navigate: navigate ?? FALLBACK.navigate },
  });
}

self.addEventListener('push', (event) => event.waitUntil(show(event.data ? read(event.data) : FALLBACK)));

async function follow(navigate) {
  const address = new URL(navigate, self.location.origin);
  // Only ever into the app itself.
  const target =
    address.origin === self.location.origin ? address.href : new URL('/crm', self.location.origin).href;
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const open = windows.find((window) => new URL(window.url).origin === self.location.origin);
  if (!open) return self.clients.openWindow(target);
  await open.focus();
  return open.navigate(target).catch(() => self.clients.openWindow(target));
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(follow(event.notification.data?.navigate ?? FALLBACK.navigate));
});

async function resubscribe(event) {
  const key = event.oldSubscription?.options?.applicationServerKey;
  const next =
    event.newSubscription ??
    (key &&
      (await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })));
  if (!next) return;
  await fetch('/api/push/subscriptions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(next),
  });
}

self.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(resubscribe(event)));
