/** A device that was killed before it saved: its keys are older than what it has sent and read. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { linkedDevice } from './device.mjs';
import { StandIn } from './standin.mjs';

const BUSINESS = '+972524000001';
const DANA = '+972544000001';

let standIn;
let device;
let dana;

before(async () => {
  standIn = await StandIn.start({ preKeyCount: 100 });
  dana = standIn.putContact({ phone: DANA });
  device = await linkedDevice(standIn, { phone: BUSINESS });
});
after(async () => {
  await device.close();
  await standIn.stop();
});

const written = (text, more) => standIn.write({ business: BUSINESS, from: DANA, text, ...more });
const got = (id) => device.messages.filter(({ key, message }) => key.id === id && message);

async function exchange(text) {
  const [id] = await written(text);
  await device.until(() => got(id).length);
  const { key } = await device.sock.sendMessage(dana.lidJid, { text });
  await standIn.until(() => standIn.messages({ id: key.id, status: 'acked' })[0]?.readable);
}

/** Cuts the line, puts the keys back, connects again. */
async function comeBackWith(saved) {
  standIn.fault({ business: BUSINESS, kind: 'drop' });
  await device.until(() => device.updates.at(-1).connection === 'close');
  device.restore(saved);
  device.connect();
  await device.ready();
}

test('both sides read each other again', async () => {
  await exchange('ראשון');
  const saved = device.save();
  await exchange('לא נשמר');
  await exchange('גם לא');
  await comeBackWith(saved);
  await exchange('אחרי');
});

test('what was read and not acknowledged comes again', async () => {
  const companion = standIn.companionOf(BUSINESS);
  const saved = device.save();
  standIn.fault({ business: BUSINESS, kind: 'deaf' });
  const ids = await written('לפני המוות', { count: 3 });
  await device.until(() => ids.every((id) => got(id).length));
  standIn.fault({ business: BUSINESS, kind: 'hearing' });
  assert.equal(companion.unacknowledged, 3);
  await comeBackWith(saved);
  await device.until(() => ids.every((id) => got(id).length === 2));
  await standIn.until(() => companion.unacknowledged === 0);
});

test('what was read, saved and not acknowledged comes once more, asked for by the library under the same id', async () => {
  const companion = standIn.companionOf(BUSINESS);
  standIn.fault({ business: BUSINESS, kind: 'deaf' });
  const [id] = await written('נשמר');
  await device.until(() => got(id).length);
  standIn.fault({ business: BUSINESS, kind: 'hearing' });
  await comeBackWith(device.save());
  await device.until(() => got(id).length === 2);
  await standIn.until(() => companion.unacknowledged === 0);
});
