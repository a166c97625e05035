/** What must be on the disk at the moment in which a frame leaves, and what a later process makes of what was kept. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { encodeWAMessage } from 'baileys';
import { startInside } from './support/inside.mjs';
import { DANA } from './support/world.mjs';

let inside;
let bridge;

before(async () => {
  inside = await startInside();
  ({ bridge } = inside);
  inside.whatsapp.putContact({ phone: DANA });
});
after(() => inside.stop());

const here = new AbortController().signal;
const LONG = 'x'.repeat(20_000);

const sessions = () =>
  JSON.stringify(bridge.context.store.all("SELECT id, value FROM auth WHERE kind = 'session' ORDER BY id"));

/** What is on the disk whenever a frame leaves that can only be the message. */
function watchFrames(id) {
  const seen = [];
  const { socket } = bridge.session(1).socket.ws;
  const send = socket.send.bind(socket);
  socket.send = (bytes, ...rest) => {
    if (bytes.length > LONG.length)
      seen.push({ state: bridge.context.sends.find(1, id)?.state, sessions: sessions() });
    return send(bytes, ...rest);
  };
  return seen;
}

test('the row of a send and the state of its encryption are there before the frame is', async () => {
  const order = { id: 'long1', to: DANA, kind: 'text', text: LONG };
  const seen = watchFrames('long1');
  const answer = await bridge.session(1).sender.send(order, here);
  assert.equal(answer.status, 'sent');
  assert.equal(seen.length, 1);
  assert.equal(seen[0].state, 'sending');
  assert.equal(seen[0].sessions, sessions());
});

test('a message that was decrypted and not journaled is made again', () => {
  const { arrivals } = bridge.context;
  const sealed = Buffer.from('sealed');
  const attrs = {
    id: 'LEFT1',
    from: '123456789012345@lid',
    sender_pn: '972501234567@s.whatsapp.net',
    t: '1790000000',
    notify: 'דנה',
  };
  const node = { tag: 'message', attrs, content: [{ tag: 'enc', attrs: { type: 'msg' }, content: sealed }] };
  const me = { id: '972521111111:1@s.whatsapp.net', lid: '999@lid' };
  arrivals.came(7, node);
  assert.deepEqual(arrivals.unfinished(7, me), []);
  arrivals.opened(7, sealed, encodeWAMessage({ conversation: 'שלום' }));
  const [message] = arrivals.unfinished(7, me);
  assert.equal(message.message.conversation, 'שלום');
  assert.deepEqual([message.key.id, message.key.remoteJid, message.key.fromMe], ['LEFT1', attrs.from, false]);
  assert.equal(message.key.remoteJidAlt, attrs.sender_pn);
  assert.ok(arrivals.plainOf(7, sealed));
  arrivals.done(7, 'LEFT1');
  assert.equal(arrivals.plainOf(7, sealed), null);
  assert.deepEqual(arrivals.unfinished(7, me), []);
});

test('what came, was not decrypted and does not come again is counted once', () => {
  const { arrivals, store } = bridge.context;
  const node = (id) => ({ tag: 'message', attrs: { id, from: '123456789012345@lid' } });
  arrivals.came(8, node('GONE1'));
  arrivals.came(8, node('KEPT1'));
  store.run("INSERT INTO seen VALUES (8, 'chat', 0, 'KEPT1', 0)");
  assert.equal(arrivals.countLost(8, Date.now() + 1), 1);
  assert.equal(arrivals.countLost(8, Date.now() + 1), 0);
  assert.equal(bridge.session(8).status().lost, 1);
  assert.match(bridge.session(8).status().detail, /1 messages were received and could not be kept/);
});

test('keys that the phone sends to its devices are not kept', () => {
  const { arrivals } = bridge.context;
  arrivals.opened(7, Buffer.from('never noted'), Buffer.from('secret'));
  assert.equal(arrivals.plainOf(7, Buffer.from('never noted')), null);
});
