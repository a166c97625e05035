import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proto } from 'baileys';
import { contentOf, vcardPhones } from '../src/content.mjs';
import { isIgnored, lidDigits, phoneDigits, recipient } from '../src/jids.mjs';

const read = (message) => contentOf(proto.Message.fromObject(message));
const Type = proto.Message.ProtocolMessage.Type;

test('texts, plain and quoting', () => {
  assert.deepEqual(read({ conversation: 'שלום' }), { kind: 'text', text: 'שלום' });
  const quoting = { extendedTextMessage: { text: 'כן', contextInfo: { stanzaId: 'A1' } } };
  assert.deepEqual(read(quoting), { kind: 'text', text: 'כן', reply_to: 'A1' });
});

test('what is wrapped is unwrapped', () => {
  const inner = { message: { conversation: 'x' } };
  for (const wrap of [
    'ephemeralMessage',
    'viewOnceMessage',
    'viewOnceMessageV2',
    'documentWithCaptionMessage',
  ]) {
    assert.equal(read({ [wrap]: inner }).text, 'x', wrap);
  }
});

test('files with what is known of them', () => {
  const bytes = Buffer.alloc(32, 7);
  const image = {
    imageMessage: { mimetype: 'image/jpeg', caption: 'ככה', fileLength: 12, fileSha256: bytes },
  };
  assert.deepEqual(read(image), {
    kind: 'image',
    text: 'ככה',
    media: { mime_type: 'image/jpeg', size: 12, file_name: null, sha256: bytes.toString('hex') },
  });
  assert.equal(read({ audioMessage: { ptt: true } }).kind, 'voice');
  assert.equal(read({ audioMessage: {} }).kind, 'audio');
  assert.equal(read({ ptvMessage: {} }).kind, 'video');
  assert.equal(read({ stickerMessage: {} }).kind, 'sticker');
  assert.equal(read({ documentMessage: { fileName: 'א.pdf' } }).media.file_name, 'א.pdf');
});

test('places and people', () => {
  const place = { degreesLatitude: 32.1, degreesLongitude: 34.8, name: 'בית', address: 'רחוב' };
  assert.deepEqual(read({ locationMessage: place }).location, {
    latitude: 32.1,
    longitude: 34.8,
    name: 'בית',
    address: 'רחוב',
  });
  const vcard =
    'BEGIN:VCARD\nTEL;type=CELL;waid=972501234567:+972 50-123-4567\nitem1.TEL:03-5555555\nEND:VCARD';
  assert.deepEqual(vcardPhones(vcard), ['+972501234567', '03-5555555']);
  const card = { displayName: 'דנה', vcard };
  const dana = { name: 'דנה', phones: ['+972501234567', '03-5555555'] };
  assert.deepEqual(read({ contactMessage: card }).contacts, [dana]);
  assert.deepEqual(read({ contactsArrayMessage: { contacts: [card, card] } }).contacts, [dana, dana]);
});

test('what was chosen', () => {
  const button = { buttonsResponseMessage: { selectedButtonId: 'yes', selectedDisplayText: 'כן' } };
  assert.deepEqual(read(button), { kind: 'interactive', text: 'כן', choice: 'yes' });
  const row = { listResponseMessage: { title: 'שורה', singleSelectReply: { selectedRowId: 'r1' } } };
  assert.deepEqual(read(row), { kind: 'interactive', text: 'שורה', choice: 'r1' });
  const template = { templateButtonReplyMessage: { selectedId: 't', selectedDisplayText: 'ט' } };
  assert.deepEqual(read(template), { kind: 'interactive', text: 'ט', choice: 't' });
  const flow = {
    interactiveResponseMessage: {
      body: { text: 'ב' },
      nativeFlowResponseMessage: { paramsJson: '{"id":"f"}' },
    },
  };
  assert.deepEqual(read(flow), { kind: 'interactive', text: 'ב', choice: 'f' });
  const broken = {
    interactiveResponseMessage: { nativeFlowResponseMessage: { name: 'n', paramsJson: '{' } },
  };
  assert.equal(read(broken).choice, 'n');
});

test('what alters an older message', () => {
  const reaction = { reactionMessage: { key: { id: 'A1' }, text: '❤️' } };
  assert.deepEqual(read(reaction).reaction, { message_id: 'A1', emoji: '❤️' });
  assert.deepEqual(read({ reactionMessage: { key: { id: 'A1' } } }).reaction, {
    message_id: 'A1',
    emoji: '',
  });
  const revoke = { protocolMessage: { type: Type.REVOKE, key: { id: 'A1' } } };
  assert.deepEqual(read(revoke), { kind: 'system', deletes: { message_id: 'A1' } });
  const edit = {
    protocolMessage: { type: Type.MESSAGE_EDIT, key: { id: 'A1' }, editedMessage: { conversation: 'new' } },
  };
  assert.deepEqual(read(edit), { kind: 'text', text: 'new', edits: { message_id: 'A1' } });
  assert.deepEqual(read({ editedMessage: { message: edit } }), {
    kind: 'text',
    text: 'new',
    edits: { message_id: 'A1' },
  });
});

test('housekeeping is nothing, the unknown is kept raw and bounded', () => {
  assert.equal(read({ protocolMessage: { type: Type.EPHEMERAL_SETTING } }), null);
  assert.equal(read({ protocolMessage: { type: Type.APP_STATE_SYNC_KEY_SHARE } }), null);
  assert.equal(read({ senderKeyDistributionMessage: { groupId: 'g' } }), null);
  assert.equal(contentOf(undefined), null);
  const poll = read({ pollCreationMessage: { name: 'מתי?' } });
  assert.deepEqual([poll.kind, poll.raw.pollCreationMessage.name], ['unsupported', 'מתי?']);
  const long = read({ pollCreationMessage: { name: 'x'.repeat(100_000) } });
  assert.deepEqual(long.raw.parts, ['pollCreationMessage']);
  assert.equal(read({}).kind, 'unsupported');
  assert.equal(read({ orderMessage: { message: 'הזמנה' } }).kind, 'order');
});

test('addresses: a LID is never a phone', () => {
  assert.equal(phoneDigits('972501234567:12@s.whatsapp.net'), '972501234567');
  assert.equal(phoneDigits('123456789012345@lid'), null);
  assert.equal(lidDigits('123456789012345:3@lid'), '123456789012345');
  assert.equal(lidDigits('972501234567@s.whatsapp.net'), null);
  for (const jid of ['120363@g.us', 'status@broadcast', '1@newsletter', '0@s.whatsapp.net', '123456@bot']) {
    assert.equal(isIgnored(jid), true, jid);
  }
  for (const jid of ['972501234567@s.whatsapp.net', '123456789@lid', '@s.whatsapp.net', undefined]) {
    assert.equal(isIgnored(jid), false, jid);
  }
  assert.deepEqual(recipient('+972501234567'), { phone: '972501234567' });
  assert.deepEqual(recipient('123456789012@lid'), { lid: '123456789012' });
  for (const to of ['', '050-1234567x', '120363@g.us', 5, null]) assert.equal(recipient(to), null);
});
