import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Device, linkedDevice } from './device.mjs';
import { generateSignalPubKey, isSignedBy, proto } from './library.mjs';
import { StandIn } from './standin.mjs';

let standIn;
const devices = [];

function keep(device) {
  devices.push(device);
  return device;
}

before(async () => {
  standIn = await StandIn.start({ preKeyCount: 100 });
});
after(async () => {
  for (const device of devices) await device.close();
  await standIn.stop();
});

test('a scanned code links the device, which comes again after 515', async () => {
  const device = keep(new Device(standIn).connect());
  const qr = await device.until(() => device.qr);
  const companion = await standIn.scan({ qr, phone: '+972521111111', name: 'מספרה' });
  await device.ready();
  assert.ok(device.updates.some(({ isNewLogin }) => isNewLogin));
  assert.equal(device.lastCode, 515);
  assert.equal(device.creds.me.id, companion.jid);
  assert.equal(device.creds.me.lid, companion.lidJid);
  assert.equal(device.creds.me.name, 'מספרה');
  assert.deepEqual(standIn.unknownQueries, []);
});

test('a typed code links the device', async () => {
  const device = keep(new Device(standIn).connect());
  await device.until(() => device.qr);
  const code = await device.sock.requestPairingCode('972522222222');
  await standIn.until(() => standIn.codes.has('972522222222'));
  const companion = await standIn.enterCode({ phone: '+972522222222', code });
  await device.ready();
  assert.equal(device.creds.me.id, companion.jid);
  assert.ok(device.creds.registered);
});

test('a wrong code links nothing', async () => {
  const device = keep(new Device(standIn).connect());
  await device.until(() => device.qr);
  await device.sock.requestPairingCode('972523333333');
  await standIn.until(() => standIn.codes.has('972523333333'));
  await assert.rejects(
    standIn.enterCode({ phone: '+972523333333', code: 'AAAAAAAA' }),
    /wrong code|went away/,
  );
  assert.equal(standIn.companionsOf(standIn.people.byPhone('+972523333333')).length, 0);
});

test('a code that is not shown links nothing', async () => {
  const qr = 'https://wa.me/settings/linked_devices#2@none,AAAA,AAAA,AAAA,1';
  await assert.rejects(async () => standIn.scan({ qr, phone: '+972524444444' }), /no longer shown/);
});

test('the chain of certificates leads from the key that is given out to the one that is used', () => {
  const { leaf, intermediate } = proto.CertChain.decode(standIn.identity.certificate);
  const { Details } = proto.CertChain.NoiseCertificate;
  const [middle, end] = [Details.decode(intermediate.details), Details.decode(leaf.details)];
  const signed = (key, one) => isSignedBy(generateSignalPubKey(key), one.details, one.signature);
  assert.ok(signed(standIn.identity.rootPublicKey, intermediate));
  assert.ok(signed(middle.key, leaf));
  assert.deepEqual(Buffer.from(end.key), standIn.identity.pair.public);
  assert.equal(signed(Buffer.alloc(32, 9), intermediate), false);
});

test('what the device uploads is counted, and each key is given once', async () => {
  const honest = await StandIn.start();
  const device = await linkedDevice(honest, { phone: '+972525555555' });
  const companion = honest.companionOf('+972525555555');
  assert.equal(companion.preKeyCount, 812);
  const given = [companion.bundle(), companion.bundle()].map(({ preKey }) => preKey.keyId);
  assert.equal(new Set(given).size, 2);
  assert.equal(companion.preKeyCount, 810);
  await device.close();
  await honest.stop();
});
