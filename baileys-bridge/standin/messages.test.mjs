import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { downloadMediaMessage, proto } from 'baileys';
import { linkedDevice } from './device.mjs';
import { StandIn } from './standin.mjs';

const BUSINESS = '+972521000001';
const DANA = '+972541000001';
const YOSSI = '+972541000002';
const { Status } = proto.WebMessageInfo;

let standIn;
let device;
let dana;

before(async () => {
  // The library takes files only over TLS; the certificate is the stand-in's own.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  standIn = await StandIn.start({ preKeyCount: 100 });
  dana = standIn.putContact({ phone: DANA, name: 'דנה' });
  standIn.putContact({ phone: YOSSI, addressing: 'pn', name: 'יוסי' });
  standIn.putContact({ phone: '+972541000009', registered: false });
  device = await linkedDevice(standIn, { phone: BUSINESS });
});
after(async () => {
  await device.close();
  await standIn.stop();
});

const from = (id) => device.until(() => device.messages.find(({ key, message }) => key.id === id && message));

/** A contact's phone may have to ask again before it can read: the library spoils sessions that it does not use. */
async function sendAndOpen(jid, content) {
  const { key } = await device.sock.sendMessage(jid, content);
  const acked = () => standIn.messages({ id: key.id, status: 'acked' }).find(({ readable }) => readable);
  return standIn.until(acked);
}

test('who is on WhatsApp', async () => {
  const answers = await device.sock.onWhatsApp('972541000001', '972541000009', '972541000000');
  assert.deepEqual(answers, [{ jid: '972541000001@s.whatsapp.net', exists: true }]);
});

test('a text to a LID is opened by the contact and by the own phone, and acknowledged once', async () => {
  const sent = await sendAndOpen(dana.lidJid, { text: 'שלום דנה' });
  const { frames, readable, text, phone, on_own_phone: own } = sent.toJSON();
  assert.deepEqual(
    { frames, readable, text, phone, own },
    { frames: 1, readable: true, text: 'שלום דנה', phone: DANA, own: true },
  );
  await device.until(() => device.of('ack').some(({ id, error }) => id === sent.id && !error));
  const second = await sendAndOpen(dana.lidJid, { text: 'עוד אחת' });
  assert.equal(second.toJSON().text, 'עוד אחת');
});

test('the LID of a number is learned by asking for its devices', async () => {
  await device.sock.getUSyncDevices(['972541000001@s.whatsapp.net'], false, false);
  assert.equal(
    await device.sock.signalRepository.lidMapping.getLIDForPN('972541000001@s.whatsapp.net'),
    dana.lidJid,
  );
});

test('a message to the number of somebody known by LID is nacked 463', async () => {
  const { key } = await device.sock.sendMessage(dana.pnJid, { text: 'לא יגיע' });
  await device.until(() => device.statusesOf(key.id).includes(Status.ERROR));
  const sent = standIn.messages({ id: key.id })[0].toJSON();
  assert.deepEqual([sent.status, sent.code, sent.readable, sent.frames], ['nacked', 463, false, 1]);
});

test('a number that is not known by LID is reached by the number', async () => {
  const sent = await sendAndOpen('972541000002@s.whatsapp.net', { text: 'יוסי' });
  assert.equal(sent.toJSON().text, 'יוסי');
});

test('a contact with two phones gets a part for each', async () => {
  const { lidJid, devices } = standIn.putContact({ phone: '+972541000004', devices: 2 });
  const { id } = await sendAndOpen(lidJid, { text: 'לשני טלפונים' });
  const { address } = standIn.companionOf(BUSINESS);
  assert.deepEqual(
    devices.map((one) => one.knows(address)),
    [true, true],
  );
  assert.equal(standIn.messages({ id })[0].frames.length, 1);
});

test('a text from a contact, the first and the next', async () => {
  const ids = await standIn.write({ business: BUSINESS, from: DANA, text: 'היי', count: 3 });
  for (const [place, id] of ids.entries()) {
    const message = await from(id);
    assert.equal(message.message.conversation, `היי ${place + 1}`);
    assert.equal(message.upsert, 'notify');
    assert.equal(message.pushName, 'דנה');
    assert.equal(message.key.remoteJid, dana.lidJid);
    assert.equal(message.key.remoteJidAlt, dana.pnJid);
  }
  await standIn.until(() => standIn.companionOf(BUSINESS).unacknowledged === 0);
});

test('a contact that hides the number is known by LID alone', async () => {
  const hidden = standIn.putContact({ phone: '+972541000003', hidden: true });
  const [id] = await standIn.write({ business: BUSINESS, from: '+972541000003', text: 'בלי מספר' });
  const { key } = await from(id);
  assert.deepEqual([key.remoteJid, key.remoteJidAlt], [hidden.lidJid, undefined]);
});

const KINDS = {
  image: (it) => it.imageMessage,
  video: (it) => it.videoMessage,
  audio: (it) => it.audioMessage && !it.audioMessage.ptt,
  voice: (it) => it.audioMessage?.ptt,
  document: (it) => it.documentMessage?.fileName === 'file.pdf',
  sticker: (it) => it.stickerMessage,
  location: (it) => it.locationMessage.degreesLatitude > 32,
  contacts: (it) => it.contactMessage.vcard.includes('TEL'),
  button: (it) => it.buttonsResponseMessage.selectedButtonId === 'yes',
  list: (it) => it.listResponseMessage.singleSelectReply.selectedRowId === 'row-1',
  template_button: (it) => it.templateButtonReplyMessage.selectedId === 'yes',
  order: (it) => it.orderMessage.orderId === 'order-1',
  poll: (it) => it.pollCreationMessage.options.length === 2,
  unknown: (it) => Object.keys(it).length === 0,
};

for (const [kind, holds] of Object.entries(KINDS)) {
  test(`from a contact: ${kind}`, async () => {
    const [id] = await standIn.write({ business: BUSINESS, from: DANA, kind });
    assert.ok(holds((await from(id)).message));
  });
}

test('a file from a contact is fetched and opened', async () => {
  const bytes = Buffer.from('צליל'.repeat(5000));
  const [id] = await standIn.write({
    business: BUSINESS,
    from: DANA,
    kind: 'voice',
    base64: bytes.toString('base64'),
  });
  assert.deepEqual(await downloadMediaMessage(await from(id), 'buffer', {}), bytes);
});

test('a file that is gone cannot be fetched', async () => {
  const [id] = await standIn.write({ business: BUSINESS, from: DANA, kind: 'image', fault: 'missing' });
  await assert.rejects(downloadMediaMessage(await from(id), 'buffer', {}), /Failed to fetch stream/);
});

test('a file to a contact is uploaded, and the contact opens it', async () => {
  const bytes = Buffer.from('%PDF-1.4 מסמך');
  const content = { document: bytes, mimetype: 'application/pdf', fileName: 'הצעה.pdf', caption: 'מצורף' };
  const sent = await sendAndOpen(dana.lidJid, content);
  assert.equal(sent.error, null);
  const file = standIn.file({ id: sent.id });
  assert.deepEqual(file.bytes, bytes);
  assert.deepEqual(
    [file.mime_type, file.file_name, sent.toJSON().text],
    ['application/pdf', 'הצעה.pdf', 'מצורף'],
  );
});

test('reactions, edits and deletions name the message that they are about', async () => {
  const [id] = await standIn.write({ business: BUSINESS, from: DANA, text: 'לפני' });
  await from(id);
  const [reaction] = await standIn.write({
    business: BUSINESS,
    from: DANA,
    kind: 'reaction',
    target: id,
    by: 'contact',
  });
  assert.equal((await from(reaction)).message.reactionMessage.key.id, id);
  await standIn.write({ business: BUSINESS, from: DANA, kind: 'edit', target: id, text: 'אחרי' });
  await standIn.write({ business: BUSINESS, from: DANA, kind: 'revoke', target: id });
  const changes = () =>
    device
      .of('messages.update')
      .flat()
      .filter(({ key }) => key.id === id);
  await device.until(() => changes().length >= 2);
  assert.equal(changes()[0].update.message.editedMessage.message.conversation, 'אחרי');
  assert.equal(changes()[1].update.messageStubType, proto.WebMessageInfo.StubType.REVOKE);
});

test('an answer quotes a message', async () => {
  const [id] = await standIn.write({
    business: BUSINESS,
    from: DANA,
    text: 'כן',
    quote: { id: 'ABC', text: 'מתי?' },
  });
  assert.equal((await from(id)).message.extendedTextMessage.contextInfo.stanzaId, 'ABC');
});

test('what the owner writes on the phone comes as the own', async () => {
  const [id] = await standIn.writeAsOwner({ business: BUSINESS, to: DANA, text: 'מהטלפון' });
  const { key, message } = await from(id);
  assert.deepEqual([key.fromMe, key.remoteJid, message.conversation], [true, dana.lidJid, 'מהטלפון']);
});

test('one id twice comes twice', async () => {
  const [id] = await standIn.write({ business: BUSINESS, from: DANA, text: 'כפול', copies: 2 });
  await device.until(() => device.messages.filter(({ key }) => key.id === id).length === 2);
});

test('a message that cannot be opened is asked for again and comes', async () => {
  const [id] = await standIn.write({ business: BUSINESS, from: DANA, text: 'שוב', unreadable: true });
  assert.equal((await from(id)).message.conversation, 'שוב');
});

test('receipts come in any order', async () => {
  const sent = await sendAndOpen(dana.lidJid, { text: 'קבלות' });
  for (const [type, status] of [
    ['read', Status.READ],
    ['delivered', Status.DELIVERY_ACK],
    ['played', Status.PLAYED],
  ]) {
    standIn.receipt({ id: sent.id, type });
    await device.until(() => device.statusesOf(sent.id).at(-1) === status);
  }
});

test('a contact whose phone lost its session asks again, and that is no second frame', async () => {
  const first = await sendAndOpen(dana.lidJid, { text: 'רגיל' });
  dana.phone.forget(standIn.companionOf(BUSINESS).address);
  const { key } = await device.sock.sendMessage(dana.lidJid, { text: 'אחרי איבוד' });
  const readable = () => standIn.messages({ id: key.id })[0]?.readable;
  await standIn.until(readable);
  const { frames, resent, text } = standIn.messages({ id: key.id })[0].toJSON();
  assert.deepEqual([first.frames.length, frames, resent, text], [1, 1, 1, 'אחרי איבוד']);
});

test('read receipts and typing of the device are seen', async () => {
  const [id] = await standIn.write({ business: BUSINESS, from: DANA, text: 'לקריאה' });
  const { key } = await from(id);
  await device.sock.readMessages([key]);
  await device.sock.sendPresenceUpdate('composing', dana.lidJid);
  const companion = standIn.companionOf(BUSINESS);
  await standIn.until(() => companion.receipts.some((it) => it.id === id && it.type === 'read'));
  await standIn.until(() => companion.presence.some(({ type }) => type === 'composing'));
});

test('the library asked for nothing that is not known here', () => {
  assert.deepEqual(standIn.unknownQueries, []);
  assert.deepEqual(standIn.faults, []);
});
