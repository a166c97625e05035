import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from './support/until.mjs';
import { OWNER, World } from './support/world.mjs';

let world;

before(async () => {
  world = await World.start();
});
after(() => world.stop());

test('a business nobody linked says so', async () => {
  assert.deepEqual(await world.status(9), {
    connected: false,
    qr_available: false,
    number: null,
    last_seen: null,
    detail: 'not linked: a code must be scanned',
    reason: null,
    waiting: 0,
    lost: 0,
  });
  const { status, body } = await world.send('early', {}, 9);
  assert.equal(status, 409);
  assert.equal(body.error, 'logged_out');
});

test('a scanned code links the phone, through 515, and the server hears it', async () => {
  const { status, body } = await world.ask('GET', '/sessions/1/qr');
  assert.equal(status, 200);
  assert.ok(new Date(body.expires_at) > new Date());
  assert.ok((await world.status()).qr_available);
  await world.whatsapp.scan({ qr: body.qr, phone: OWNER });
  await world.connected();
  const now = await world.status();
  assert.equal(now.number, OWNER);
  assert.equal(now.detail.split(';')[0], 'connected');
  assert.ok(new Date(now.last_seen) > new Date(Date.now() - 10_000));
  await world.server.until('news', (it) => it.of('connection', 1).some((one) => one.connected));
  const news = world.server.of('connection', 1);
  assert.equal(news[0].qr, body.qr);
  assert.deepEqual(news.at(-1), { connected: true, number: OWNER });
  assert.ok(news.some((one) => one.reason === 'restarting'));
});

test('a linked business has no code', async () => {
  const { body } = await world.ask('GET', '/sessions/1/qr');
  assert.deepEqual(body, { qr: null, expires_at: null });
  const { status, body: refused } = await world.ask('POST', '/sessions/1/pair', { phone: OWNER });
  assert.equal(status, 409);
  assert.equal(refused.error, 'already_linked');
});

test('a typed code links another business beside it', async () => {
  const phone = '+972522222222';
  const { body } = await world.ask('POST', '/sessions/2/pair', { phone });
  assert.match(body.code, /^[0-9A-Z]{8}$/);
  await world.whatsapp.until(() => world.whatsapp.codes.has('972522222222'));
  await world.whatsapp.enterCode({ phone, code: body.code });
  await world.connected(2);
  assert.equal((await world.status(2)).number, phone);
  assert.ok((await world.status(1)).connected);
});

test('a restart of the bridge needs no code', async () => {
  await world.restart();
  await world.connected(1);
  await world.connected(2);
});

test('515 connects again at once', async () => {
  const before = world.server.of('connection', 1).length;
  world.whatsapp.fault({ business: OWNER, kind: 'restart' });
  await world.server.until('restarting', (it) =>
    it
      .of('connection', 1)
      .slice(before)
      .some((one) => one.reason === 'restarting'),
  );
  await world.connected();
});

test('503 and a cut line connect again after a while', async () => {
  for (const kind of ['unavailable', 'drop']) {
    const before = world.server.of('connection', 1).length;
    world.whatsapp.fault({ business: OWNER, kind });
    await world.server.until(kind, (it) =>
      it
        .of('connection', 1)
        .slice(before)
        .some((one) => one.reason === 'unreachable'),
    );
    await world.connected();
  }
});

test('while WhatsApp cannot be reached it tries again, one try at a time', async () => {
  const before = world.server.of('connection', 1).length;
  world.whatsapp.door({ mode: 'refuse', times: 2 });
  world.whatsapp.fault({ business: OWNER, kind: 'drop' });
  await until('tried', () => world.whatsapp.doors.length === 0);
  await world.connected();
  const news = world.server.of('connection', 1).slice(before);
  assert.equal(news.filter((one) => one.reason === 'unreachable').length, 1);
  assert.equal(world.whatsapp.connections.length, 2);
});

test('440: it stops, says so, and comes back when it is asked to', async () => {
  world.whatsapp.fault({ business: OWNER, kind: 'replaced' });
  await world.server.until('replaced', (it) => it.of('connection', 1).at(-1).reason === 'replaced');
  const now = await world.status();
  assert.equal(now.connected, false);
  assert.equal(now.reason, 'replaced');
  const { status, body } = await world.send('while0replaced');
  assert.equal(status, 409);
  assert.equal(body.error, 'not_connected');
  assert.equal((await world.ask('POST', '/sessions/1/connect')).status, 204);
  await world.connected();
});

test('401: the credentials are worth nothing, a new code is needed', async () => {
  world.whatsapp.fault({ business: OWNER, kind: 'logged_out' });
  await world.server.until('logged out', (it) => it.of('connection', 1).at(-1).reason === 'logged_out');
  assert.equal((await world.send('after0logout')).body.error, 'logged_out');
  await world.link(1);
});

test('403 is said as banned', async () => {
  world.whatsapp.fault({ business: '+972522222222', kind: 'banned' });
  await world.server.until('banned', (it) => it.of('connection', 2).at(-1).reason === 'banned');
  assert.match((await world.status(2)).detail, /locked/);
});

test('logging out takes the device off the account', async () => {
  const device = world.whatsapp.companionOf(OWNER);
  assert.equal((await world.ask('POST', '/sessions/1/logout')).status, 204);
  await until('taken off', () => device.removed);
  const now = await world.status();
  assert.deepEqual([now.connected, now.number, now.reason], [false, null, 'logged_out']);
});

test('every event was signed', () => {
  assert.deepEqual(world.server.faults, []);
});
