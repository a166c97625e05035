import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { until } from './support/until.mjs';
import { DANA, OWNER, World } from './support/world.mjs';

let world;
let dana;

before(async () => {
  world = await World.start();
  dana = world.whatsapp.putContact({ phone: DANA, name: 'דנה' });
  await world.link();
  world.server.files.set('file', Buffer.from('bytes of a file'));
});
after(() => world.stop());

const frames = (id) => world.whatsapp.messages({ id });

async function comes(id) {
  return world.server.until(`message ${id}`, (it) => it.messages.find((one) => one.id === id));
}

async function written(wanted) {
  const [id] = await world.whatsapp.write({ business: OWNER, from: DANA, ...wanted });
  return comes(id);
}

test('a text goes to the LID, and is sent, delivered and read', async () => {
  const { status, body } = await world.send('text1');
  assert.deepEqual([status, body], [200, { id: 'text1', status: 'sent' }]);
  const [sent] = frames('text1');
  assert.equal(sent.frames.length, 1);
  assert.equal(sent.message.extendedTextMessage.text, 'שלום');
  for (const type of ['delivered', 'read']) world.whatsapp.receipt({ id: 'text1', type, business: OWNER });
  await world.server.until('read', (it) => it.statusesOf('text1').includes('read'));
  assert.deepEqual(world.server.statusesOf('text1'), ['sent', 'delivered', 'read']);
  assert.deepEqual((await world.ask('GET', '/sessions/1/messages/text1')).body, {
    id: 'text1',
    status: 'read',
  });
});

test('a repeat is the same message', async () => {
  for (let times = 0; times < 3; times++) {
    assert.deepEqual((await world.send('text1', { text: 'other' })).body, { id: 'text1', status: 'read' });
  }
  const together = await Promise.all([1, 2, 3, 4].map(() => world.send('text2')));
  assert.equal(together.filter(({ status }) => status === 200).length >= 1, true);
  for (const { status, body } of together) {
    assert.ok(status === 200 || (status === 409 && body.error === 'in_progress'));
  }
  assert.equal(frames('text2')[0].frames.length, 1);
});

test('a message that was never seen is none', async () => {
  assert.deepEqual((await world.ask('GET', '/sessions/1/messages/never')).body, {
    id: 'never',
    status: 'none',
  });
});

test('receipts out of order never go back', async () => {
  await world.send('order1');
  for (const type of ['played', 'read', 'delivered'])
    world.whatsapp.receipt({ id: 'order1', type, business: OWNER });
  await world.send('order2');
  world.whatsapp.receipt({ id: 'order2', type: 'delivered', business: OWNER });
  await world.server.until('after', (it) => it.statusesOf('order2').includes('delivered'));
  assert.deepEqual(world.server.statusesOf('order1'), ['sent', 'played']);
});

test('a number without WhatsApp is 422, and nothing is written', async () => {
  world.whatsapp.putContact({ phone: '+972509999999', registered: false });
  const { status, body } = await world.send('nobody1', { to: '+972509999999' });
  assert.deepEqual([status, body.error], [422, 'not_on_whatsapp']);
  assert.equal(frames('nobody1').length, 0);
  const asked = await world.ask('GET', '/sessions/1/on_whatsapp?phone=%2B972509999999');
  assert.equal(asked.body.on_whatsapp, false);
  assert.equal(
    (await world.ask('GET', `/sessions/1/on_whatsapp?phone=${DANA.slice(1)}`)).body.on_whatsapp,
    true,
  );
});

test('463 is said as failed and never tried again', async () => {
  world.whatsapp.rule({ answer: 'nack', code: 463, id: 'nack463' });
  const { body } = await world.send('nack463');
  assert.deepEqual(body, { id: 'nack463', status: 'failed', code: '463' });
  await world.server.until('failed', (it) =>
    it.of('status').some((one) => one.id === 'nack463' && one.code === '463'),
  );
  assert.equal((await world.send('nack463')).body.status, 'failed');
  assert.equal(frames('nack463')[0].frames.length, 1);
});

test('479 throws the stale session away, and the next message goes', async () => {
  world.whatsapp.rule({ answer: 'nack', code: 479, id: 'nack479' });
  assert.equal((await world.send('nack479')).body.code, '479');
  await until('noted', () => world.bridge.lines.some((line) => line.code === '479'));
  assert.equal((await world.send('after479')).body.status, 'sent');
  await until('readable', () => frames('after479')[0]?.readable);
});

test('without an acknowledgement it is sending, and unknown when the line is cut', async () => {
  world.whatsapp.rule({ answer: 'close', id: 'cut1' });
  const { status, body } = await world.send('cut1');
  assert.equal(status, 200);
  assert.ok(['sending', 'unknown'].includes(body.status));
  await until(
    'unknown',
    async () => (await world.ask('GET', '/sessions/1/messages/cut1')).body.status === 'unknown',
  );
  await world.connected();
  assert.equal((await world.send('cut1')).body.status, 'unknown');
  assert.equal(frames('cut1')[0].frames.length, 1);
  world.whatsapp.receipt({ id: 'cut1', type: 'delivered', business: OWNER });
  await until(
    'known',
    async () => (await world.ask('GET', '/sessions/1/messages/cut1')).body.status === 'delivered',
  );
});

test('files of each kind go out as they are', async () => {
  const media_url = '/media/files/file';
  const kinds = {
    image: { mime_type: 'image/png', caption: 'תמונה' },
    video: { mime_type: 'video/mp4' },
    audio: { mime_type: 'audio/mpeg' },
    voice: { mime_type: 'audio/ogg; codecs=opus' },
    document: { mime_type: 'application/pdf', file_name: 'הצעה.pdf' },
    sticker: { mime_type: 'image/webp' },
  };
  for (const [kind, more] of Object.entries(kinds)) {
    const { status, body } = await world.send(`file0${kind}`, { kind, text: undefined, media_url, ...more });
    assert.deepEqual([kind, status, body.status], [kind, 200, 'sent']);
    const file = world.whatsapp.file({ id: `file0${kind}`, business: OWNER });
    assert.equal(file.bytes.toString(), 'bytes of a file');
  }
  assert.equal(world.whatsapp.file({ id: 'file0document', business: OWNER }).file_name, 'הצעה.pdf');
});

test('a file that cannot be fetched or uploaded was certainly not sent', async () => {
  const media_url = '/media/files/gone';
  const { status, body } = await world.send('file0gone', { kind: 'image', media_url });
  assert.deepEqual([status, body.error], [503, 'busy']);
  world.whatsapp.media.uploadFault = 'refuse';
  const refused = await world.send('file0refused', {
    kind: 'image',
    media_url: media_url.replace('gone', 'file'),
  });
  world.whatsapp.media.uploadFault = null;
  assert.deepEqual([refused.status, refused.body.error], [503, 'busy']);
  assert.equal((await world.ask('GET', '/sessions/1/messages/file0refused')).body.status, 'none');
});

test('a reply quotes the message', async () => {
  const asked = await written({ text: 'כמה זה עולה?' });
  await world.send('reply1', { reply_to: asked.id, reply_to_text: 'כמה זה עולה?' });
  const [sent] = frames('reply1');
  assert.equal(sent.message.extendedTextMessage.contextInfo.stanzaId, asked.id);
  assert.equal(sent.message.extendedTextMessage.contextInfo.quotedMessage.conversation, 'כמה זה עולה?');
});

test('a text comes with chat, phone, LID and name', async () => {
  const { timestamp, id, ...rest } = await written({ text: 'שלום לכם' });
  assert.ok(id && Math.abs(timestamp - Date.now() / 1000) < 60);
  assert.deepEqual(rest, {
    chat: '972501234567@s.whatsapp.net',
    chat_phone: DANA,
    chat_lid: dana.lid,
    sender: '972501234567@s.whatsapp.net',
    sender_phone: DANA,
    sender_lid: dana.lid,
    from_me: false,
    push_name: 'דנה',
    backlog: false,
    kind: 'text',
    text: 'שלום לכם',
  });
});

test('a hidden phone leaves the LID alone, which is never a phone', async () => {
  const hidden = world.whatsapp.putContact({ phone: '+972507777777', hidden: true });
  const [id] = await world.whatsapp.write({ business: OWNER, from: '+972507777777', text: 'מי אני' });
  const message = await comes(id);
  assert.equal(message.chat, `${hidden.lid}@lid`);
  assert.equal(message.sender_lid, hidden.lid);
  assert.equal('sender_phone' in message || 'chat_phone' in message, false);
  const { body } = await world.send('to0lid', { to: `${hidden.lid}@lid` });
  assert.equal(body.status, 'sent');
});

test('a file comes with an address of ours, which holds once it is signed', async () => {
  const message = await written({
    kind: 'document',
    file_name: 'חוזה.pdf',
    caption: 'הנה',
    base64: Buffer.from('pdf').toString('base64'),
  });
  const { url, ...media } = message.media;
  assert.deepEqual(media, {
    mime_type: 'application/pdf',
    size: 3,
    file_name: 'חוזה.pdf',
    sha256: createHash('sha256').update('pdf').digest('hex'),
  });
  assert.equal(message.text, 'הנה');
  const answer = await fetch(url);
  assert.equal(answer.headers.get('content-type'), 'application/pdf');
  assert.equal(await answer.text(), 'pdf');
  assert.equal((await fetch(`${url.slice(0, -1)}x`)).status, 403);
});

test('a file that is gone or was changed is not given', async () => {
  const gone = await written({ kind: 'image', fault: 'missing' });
  assert.equal((await fetch(gone.media.url)).status, 410);
  const corrupt = await written({ kind: 'image', fault: 'corrupt' });
  await assert.rejects(async () => (await fetch(corrupt.media.url)).arrayBuffer());
});

test('every other kind has its word', async () => {
  const first = await written({ text: 'first' });
  const kinds = [
    ['voice', { kind: 'voice' }],
    ['audio', { kind: 'audio' }],
    ['video', { kind: 'video' }],
    ['sticker', { kind: 'sticker' }],
    ['location', { kind: 'location' }],
    ['contacts', { kind: 'contacts' }],
    ['interactive', { kind: 'button' }],
    ['interactive', { kind: 'list' }],
    ['order', { kind: 'order' }],
    ['unsupported', { kind: 'poll' }],
    ['unsupported', { kind: 'unknown' }],
  ];
  for (const [kind, wanted] of kinds) {
    const message = await written(wanted);
    assert.equal(message.kind, kind, JSON.stringify(wanted));
  }
  const reaction = await written({ kind: 'reaction', target: first.id, by: 'contact', emoji: '❤️' });
  assert.deepEqual(reaction.reaction, { message_id: first.id, emoji: '❤️' });
  const edit = await written({ kind: 'edit', target: first.id, text: 'second' });
  assert.deepEqual([edit.kind, edit.text, edit.edits], ['text', 'second', { message_id: first.id }]);
  const revoke = await written({ kind: 'revoke', target: first.id });
  assert.deepEqual(revoke.deletes, { message_id: first.id });
});

test('what the owner types on the phone comes as from_me, our own sends do not come back', async () => {
  const [id] = await world.whatsapp.writeAsOwner({ business: OWNER, to: DANA, text: 'מהטלפון' });
  const echo = await comes(id);
  assert.deepEqual(
    [echo.from_me, echo.chat_phone, echo.sender_phone, echo.text],
    [true, DANA, OWNER, 'מהטלפון'],
  );
  await world.send('own1');
  await written({ text: 'after own1' });
  assert.equal(
    world.server.messages.some((one) => one.id === 'own1'),
    false,
  );
});

test('the same message twice is told once', async () => {
  const id = 'TWICE0001';
  await world.whatsapp.write({ business: OWNER, from: DANA, id, text: 'once' });
  await world.whatsapp.write({ business: OWNER, from: DANA, id, text: 'once' });
  await written({ text: 'after the twin' });
  assert.equal(world.server.messages.filter((one) => one.id === id).length, 1);
});

test('what came while we were away is backlog', async () => {
  await world.bridge.kill('SIGTERM');
  assert.deepEqual(
    world.bridge.lines.filter((line) => line.message === 'stopping failed'),
    [],
  );
  const ids = await world.whatsapp.write({ business: OWNER, from: DANA, text: 'backlog', count: 5 });
  await world.run();
  for (const id of ids) assert.equal((await comes(id)).backlog, true);
  const order = world.server.messages.filter((one) => ids.includes(one.id)).map((one) => one.id);
  assert.deepEqual(order, ids);
});

test('told to stop, it waits for what is on its way', async () => {
  await world.connected();
  world.whatsapp.rule({ answer: 'ack', id: 'stopping1', delay_ms: 600 });
  const sending = world.send('stopping1').catch(() => null);
  await until('on its way', () => frames('stopping1').length === 1);
  await world.restart('SIGTERM');
  await sending;
  assert.equal((await world.ask('GET', '/sessions/1/messages/stopping1')).body.status, 'sent');
});

test('typing is shown', async () => {
  await world.connected();
  const { status } = await world.ask('POST', '/sessions/1/presence', { to: DANA, state: 'composing' });
  assert.equal(status, 204);
});

test('a restricted number sends nothing until it may', async () => {
  world.whatsapp.setReachoutTimeLock({ business: OWNER, active: true });
  const refused = await until('restricted', async () => {
    const answer = await world.send(`locked${Date.now()}`);
    return answer.status === 409 && answer;
  });
  assert.equal(refused.body.error, 'not_connected');
  world.whatsapp.setReachoutTimeLock({ business: OWNER, active: false });
  await until('free', async () => (await world.send(`free${Date.now()}`)).status === 200);
});

test('the log holds no message and no phone', () => {
  for (const word of ['שלום', 'מהטלפון', DANA.slice(1), OWNER.slice(1), dana.lid]) {
    assert.equal(world.bridge.output.includes(word), false, word);
  }
  assert.deepEqual(world.server.faults, []);
});
