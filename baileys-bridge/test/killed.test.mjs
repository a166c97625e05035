/**
 * The bridge is killed again and again, at random, while 200 messages go each way. What leaves does so once or is
 * unknown; what came is told, or counted as lost.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from './support/until.mjs';
import { DANA, OWNER, World } from './support/world.mjs';

const MESSAGES = 200;
const KILLS = 12;
const AT_ONCE = 5;

let world;

before(async () => {
  world = await World.start();
  world.whatsapp.putContact({ phone: DANA, receipts: ['delivered', 'read'] });
  await world.link();
});
after(() => world.stop());

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** As the server does it: what was certainly not taken is sent again, what may have been is asked for. */
async function sendOnce(id) {
  return until(
    `${id} settled`,
    async () => {
      const sent = await world.send(id).catch(() => null);
      if (sent?.status === 200) return sent.body.status;
      const found = await world.ask('GET', `/sessions/1/messages/${id}`).catch(() => null);
      const status = found?.body?.status ?? 'none';
      return !['none', 'sending'].includes(status) && status;
    },
    60_000,
  );
}

async function sendAll() {
  const ids = Array.from({ length: MESSAGES }, (_, place) => `out${place}`);
  const statuses = new Map();
  const worker = async (first) => {
    for (let place = first; place < MESSAGES; place += AT_ONCE)
      statuses.set(ids[place], await sendOnce(ids[place]));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, first) => worker(first)));
  return statuses;
}

async function writeAll() {
  const ids = [];
  for (let count = 0; count < MESSAGES / 5; count++) {
    ids.push(...(await world.whatsapp.write({ business: OWNER, from: DANA, text: `in ${count}`, count: 5 })));
    await pause(Math.random() * 200);
  }
  return ids;
}

async function killAll() {
  for (let kills = 0; kills < KILLS; kills++) {
    await pause(100 + Math.random() * 900);
    await world.restart('SIGKILL');
  }
}

test(`${KILLS} kills during ${MESSAGES} messages each way`, { timeout: 110_000 }, async (t) => {
  const [statuses, ids] = await Promise.all([sendAll(), writeAll(), killAll()]);
  await world.connected();

  const sent = world.whatsapp.messages({ business: OWNER }).filter(({ id }) => id.startsWith('out'));
  const twice = sent.filter(({ frames }) => frames.length > 1).map(({ id }) => id);
  assert.deepEqual(twice, []);
  const there = new Set(sent.map(({ id }) => id));
  const missing = [...statuses].filter(([id, status]) => !there.has(id) && status !== 'unknown');
  assert.deepEqual(missing, []);

  const told = (id) => world.server.messages.filter((one) => one.id === id);
  const settled = await until(
    'all told or counted',
    async () => {
      const { lost, waiting } = await world.status();
      const gone = ids.filter((id) => told(id).length === 0);
      return waiting === 0 && gone.length <= lost && { lost, gone };
    },
    40_000,
  );
  assert.equal(settled.gone.length, settled.lost);
  const perProcess = new Map();
  for (const { event, data, generation } of world.server.events) {
    if (event !== 'message') continue;
    const key = `${data.id} ${generation}`;
    perProcess.set(key, (perProcess.get(key) ?? 0) + 1);
  }
  assert.deepEqual(
    [...perProcess].filter(([, times]) => times > 1),
    [],
  );
  const repeated = ids.filter((id) => told(id).length > 1).length;
  const unknown = [...statuses.values()].filter((status) => status === 'unknown').length;
  t.diagnostic(
    `sent ${there.size}, unknown ${unknown}; told ${ids.length - settled.gone.length}, again after a kill ${repeated}, lost and counted ${settled.lost}`,
  );
});
