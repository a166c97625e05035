/** A full disk, played by SQLite's own limit of pages: its faults are those of a disk that takes nothing more. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { storedCreds } from '../src/auth.mjs';
import { startInside } from './support/inside.mjs';
import { until } from './support/until.mjs';
import { DANA, OWNER } from './support/world.mjs';

let inside;
let whatsapp;
let server;
let bridge;

before(async () => {
  inside = await startInside();
  ({ whatsapp, server, bridge } = inside);
});
after(() => inside.stop());

function fill() {
  const { store } = bridge.context;
  const { page_count } = store.get('PRAGMA page_count');
  store.get(`PRAGMA max_page_count = ${page_count}`);
  try {
    for (let n = 0; n < 100_000; n++)
      store.run("INSERT INTO seen VALUES (99, ?, 0, 'filler', 0)", `filler ${n}`);
  } catch (fault) {
    return fault;
  }
  throw new Error('the disk did not fill');
}

function empty() {
  const { store } = bridge.context;
  store.get('PRAGMA max_page_count = 1000000');
  store.run('DELETE FROM seen WHERE business = 99');
}

test('a full disk stops the session, keeps its credentials, and loses no message', async () => {
  const identity = storedCreds(bridge.context.store, 1).signedIdentityKey.private;
  assert.match(fill().message, /full/);
  const text = 'x'.repeat(8000);
  const first = await whatsapp.write({ business: OWNER, from: DANA, text, count: 3 });
  await until('stopped', () => bridge.session(1).status().reason === 'disk_full');
  const { connected, detail } = bridge.session(1).status();
  assert.equal(connected, false);
  assert.match(detail, /disk/);
  assert.deepEqual(storedCreds(bridge.context.store, 1).signedIdentityKey.private, identity);
  const refused = await bridge
    .session(1)
    .sender.send({ id: 'x1', to: DANA, kind: 'text', text: 'x' }, new AbortController().signal)
    .catch((fault) => fault);
  assert.equal(refused.error, 'not_connected');

  const second = await whatsapp.write({ business: OWNER, from: DANA, text, count: 2 });
  const scans = server.of('connection').filter((one) => one.qr).length;
  empty();
  await until('connected again', () => bridge.session(1).connected);
  for (const id of [...first, ...second]) {
    await server.until(id, (it) => it.messages.filter((one) => one.id === id).length === 1);
  }
  assert.deepEqual(storedCreds(bridge.context.store, 1).signedIdentityKey.private, identity);
  assert.equal(server.of('connection').filter((one) => one.qr).length, scans);
  assert.equal(bridge.session(1).status().lost, 0);
});
