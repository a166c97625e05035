import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { proto } from 'baileys';
import { Device, linkedDevice } from './device.mjs';
import { StandIn } from './standin.mjs';

const DANA = '+972541000001';
const { Status } = proto.WebMessageInfo;

let standIn;
let dana;
let numbers = 0;
const devices = [];

before(async () => {
  standIn = await StandIn.start({ preKeyCount: 100 });
  dana = standIn.putContact({ phone: DANA });
});
after(async () => {
  for (const device of devices) await device.close();
  await standIn.stop();
});

async function linked(options) {
  numbers += 1;
  const phone = `+97252200000${numbers}`;
  const device = await linkedDevice(standIn, { phone, ...options });
  devices.push(device);
  return { device, business: phone, companion: standIn.companionOf(phone) };
}

/** The code with which the connection ends after `act`. */
async function codeAfter(device, act) {
  const closings = () => device.updates.filter(({ connection }) => connection === 'close').length;
  const before = closings();
  await act();
  await device.until(() => closings() > before);
  return device.lastCode;
}

async function reconnect(device) {
  device.connect();
  await device.ready();
}

for (const [kind, code] of Object.entries({ unavailable: 503, bad_session: 500, end: 428, drop: 428 })) {
  test(`${kind}: the connection ends with ${code}, and the device may come again`, async () => {
    const { device, business } = await linked();
    assert.equal(await codeAfter(device, () => standIn.fault({ business, kind })), code);
    await reconnect(device);
  });
}

test('restart: 515, and the device is back', async () => {
  const { device, business } = await linked();
  const before = standIn.companionOf(business).connection;
  standIn.fault({ business, kind: 'restart' });
  await standIn.until(
    () =>
      standIn.companionOf(business).connection?.live && standIn.companionOf(business).connection !== before,
  );
  assert.equal(device.lastCode, 515);
});

test('logged out on the phone: 401, and 401 for ever', async () => {
  const { device, business } = await linked();
  assert.equal(await codeAfter(device, () => standIn.fault({ business, kind: 'logged_out' })), 401);
  assert.equal(await codeAfter(device, () => device.connect()), 401);
});

test('logged out by the device itself', async () => {
  const { device, companion } = await linked();
  assert.equal(await codeAfter(device, () => device.sock.logout()), 401);
  await standIn.until(() => companion.removed);
});

for (const [kind, code] of Object.entries({ banned: 403, version: 405 })) {
  test(`${kind}: ${code} until it is lifted`, async () => {
    const { device, business } = await linked();
    assert.equal(await codeAfter(device, () => standIn.fault({ business, kind })), code);
    assert.equal(await codeAfter(device, () => device.connect()), code);
    standIn.refuse({ business });
    await reconnect(device);
  });
}

test('a second connection of the same device replaces the first: 440', async () => {
  const { device, business } = await linked();
  const second = new Device(standIn);
  devices.push(second);
  Object.assign(second, { creds: device.creds, keys: device.keys });
  assert.equal(await codeAfter(device, () => second.connect()), 440);
  await second.ready();
  assert.ok(standIn.companionOf(business).connection.live);
});

test('silence: nothing is answered, and the library gives up by itself', async () => {
  const { device, business } = await linked({ keepAliveIntervalMs: 200 });
  const code = await codeAfter(device, () => standIn.fault({ business, kind: 'silence' }));
  assert.equal(code, 408);
});

test('doors: refused, cut in the handshake, failed', async () => {
  const { device, business } = await linked();
  await codeAfter(device, () => standIn.fault({ business, kind: 'drop' }));
  for (const mode of ['refuse', 'close_after_hello', 'close_after_finish']) {
    standIn.door({ mode });
    assert.ok((await codeAfter(device, () => device.connect())) > 0, mode);
  }
  standIn.door({ mode: 'failure', code: 411 });
  assert.equal(await codeAfter(device, () => device.connect()), 411);
  await reconnect(device);
});

test('what came while the device was away comes as backlog, once', async () => {
  const { device, business, companion } = await linked();
  await codeAfter(device, () => standIn.fault({ business, kind: 'drop' }));
  const ids = await standIn.write({ business, from: DANA, text: 'בינתיים', count: 120 });
  await reconnect(device);
  const got = () => device.messages.filter(({ key }) => ids.includes(key.id));
  await device.until(() => got().length >= ids.length);
  assert.ok(got().every(({ upsert }) => upsert === 'append'));
  assert.deepEqual(
    got().map(({ key }) => key.id),
    ids,
  );
  await standIn.until(() => companion.unacknowledged === 0);
  const [live] = await standIn.write({ business, from: DANA, text: 'עכשיו' });
  assert.equal(
    (await device.until(() => device.messages.find(({ key }) => key.id === live))).upsert,
    'notify',
  );
  assert.equal(got().length, ids.length);
});

test('a receipt that waited comes with the next connection', async () => {
  const { device, business } = await linked();
  const { key } = await device.sock.sendMessage(dana.lidJid, { text: 'היי' });
  await standIn.until(() => standIn.messages({ id: key.id, status: 'acked' }).length);
  await device.until(() => device.statusesOf(key.id).length);
  await codeAfter(device, () => standIn.fault({ business, kind: 'drop' }));
  standIn.receipt({ id: key.id, type: 'read' });
  await reconnect(device);
  await device.until(() => device.statusesOf(key.id).at(-1) === Status.READ);
});

test('rules for the answer to the next message: a code, none, a cut line, late', async () => {
  const { device, business } = await linked();
  const send = async (text) => (await device.sock.sendMessage(dana.lidJid, { text })).key.id;
  const sent = (id) => standIn.messages({ id })[0];
  const acked = (id) => device.of('ack').find((it) => it.id === id);

  standIn.rule({ answer: 'nack', code: 479 });
  const refused = await send('נדחה');
  assert.equal((await device.until(() => acked(refused))).error, '479');

  standIn.rule({ answer: 'silence' });
  const unheard = await send('בלי תשובה');
  await standIn.until(() => sent(unheard)?.status === 'unanswered' && sent(unheard).readable);

  standIn.rule({ answer: 'ack', delay_ms: 300 });
  const late = await send('לאט');
  await standIn.until(() => sent(late)?.readable);
  assert.equal(acked(late), undefined);
  await device.until(() => acked(late));

  standIn.rule({ answer: 'close', deliver: false });
  let cut;
  assert.equal(
    await codeAfter(device, async () => {
      cut = await send('נקטע');
    }),
    428,
  );
  assert.deepEqual([sent(cut).status, sent(cut).readable, sent(cut).frames.length], ['unanswered', false, 1]);
  assert.equal(acked(unheard), undefined);
  assert.ok(business);
});

test('two sends with one id are two frames', async () => {
  const { device } = await linked();
  for (const text of ['אחת', 'אחת'])
    await device.sock.sendMessage(dana.lidJid, { text }, { messageId: 'AGTWICE1' });
  await standIn.until(() => standIn.messages({ id: 'AGTWICE1' })[0]?.frames.length === 2);
});

test('a reach-out time lock is told, and lifted', async () => {
  const { device, business } = await linked();
  const locks = () => device.updates.filter(({ reachoutTimeLock }) => reachoutTimeLock);
  standIn.setReachoutTimeLock({ business, active: true });
  await device.until(() => locks().at(-1)?.reachoutTimeLock.isActive);
  assert.ok((await device.sock.fetchAccountReachoutTimelock()).isActive);
  standIn.setReachoutTimeLock({ business, active: false });
  await device.until(() => locks().at(-1).reachoutTimeLock.isActive === false);
});

test('two businesses get only what is theirs', async () => {
  const [one, two] = [await linked(), await linked()];
  const [first] = await standIn.write({ business: one.business, from: DANA, text: 'לראשון' });
  const [second] = await standIn.write({ business: two.business, from: DANA, text: 'לשני' });
  await one.device.until(() => one.device.messages.length);
  await two.device.until(() => two.device.messages.length);
  assert.deepEqual(
    one.device.messages.map(({ key }) => key.id),
    [first],
  );
  assert.deepEqual(
    two.device.messages.map(({ key }) => key.id),
    [second],
  );
});
