import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { Delivery } from '../src/delivery.mjs';
import { Journal } from '../src/journal.mjs';
import { makeLog } from '../src/log.mjs';
import { openStores } from '../src/store.mjs';
import { FakeServer, SECRET } from './support/server.mjs';

const folder = await mkdtemp(join(tmpdir(), 'journal-'));
const stores = openStores(folder);
const server = await FakeServer.start();
const log = makeLog({ level: 'silent' });
const media = /** @type {any} */ ({ url: (file) => `http://bridge/media/${file}` });
let delivery;
let journal;

function begin() {
  delivery = new Delivery({ serverUrl: server.url, secret: SECRET, media, log });
  journal = new Journal(stores.bridge, (business, lane) => delivery.wake(business, lane));
  delivery.start(journal);
}

const write = (lane, ...ids) =>
  journal.write((add) => {
    for (const id of ids) add(1, lane, 'message', { id, chat: lane });
  });

const ids = (lane) => server.messages.filter((one) => one.chat === lane).map((one) => one.id);

beforeEach(async () => {
  await delivery?.stop();
  stores.bridge.run('DELETE FROM journal');
  server.events = [];
  server.answers = [];
  begin();
});
after(async () => {
  await delivery.stop();
  await server.stop();
  stores.close();
  await rm(folder, { recursive: true });
});

test('each chat keeps its order, whatever the server answers between', async () => {
  server.answers = [500, 204, 503, 'hang', 204, 500];
  const order = Array.from({ length: 20 }, (_, place) => `m${place}`);
  for (const id of order) for (const lane of ['a', 'b', 'c']) write(lane, id);
  await server.until('all', () => journal.waiting(1) === 0);
  for (const lane of ['a', 'b', 'c']) assert.deepEqual([...new Set(ids(lane))], order);
  assert.deepEqual(server.faults, []);
});

test('an event comes twice only when its answer was lost', async () => {
  server.answers = ['hang'];
  write('a', 'once', 'after');
  await server.until('all', () => journal.waiting(1) === 0);
  assert.deepEqual(ids('a'), ['once', 'once', 'after']);
});

test('what the server refuses holds up its own chat only, and is kept', async () => {
  server.answers = [422];
  write('a', 'bad', 'behind');
  write('b', 'good');
  await server.until('the other chat', () => ids('b').length === 1);
  assert.equal(ids('a').includes('behind') && !ids('a').includes('bad'), false);
  await server.until('all', () => journal.waiting(1) === 0);
  assert.deepEqual(ids('a'), ['bad', 'behind']);
});

test('while the server is away one event asks for all of them', async () => {
  server.answers = Array.from({ length: 3 }, () => 503);
  for (let place = 0; place < 30; place++) write(`lane${place}`, `m${place}`);
  await server.until('all', () => journal.waiting(1) === 0);
  assert.equal(server.messages.length, 30);
});

test('what an earlier process left is delivered first', async () => {
  await delivery.stop();
  write('a', 'left1', 'left2');
  assert.equal(server.messages.length, 0);
  begin();
  write('a', 'new');
  await server.until('all', () => journal.waiting(1) === 0);
  assert.deepEqual(ids('a'), ['left1', 'left2', 'new']);
});

test('the address of a file is made when it is told', async () => {
  journal.write((add) => add(1, 'a', 'message', { id: 'f', chat: 'a', media: { file: 'abc', size: 1 } }));
  await server.until('all', () => journal.waiting(1) === 0);
  assert.deepEqual(server.messages[0].media, { url: 'http://bridge/media/abc', size: 1 });
});

test('a second bridge on the same folder does not start', () => {
  assert.throws(() => openStores(folder), /Another bridge is running/);
});
