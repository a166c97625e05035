/**
 * Messages of a linked device to its contacts: opened as each contact's phone would, written down by their ids, and
 * answered with an ack by the rules that a test has set. The facts: baileys' `relayMessage` for what comes,
 * `handleBadAck` and `handleReceipt` for what is answered.
 */

import { plain, summary } from './content.mjs';
import { bytesOf, child, childrenNamed, jidDecode, node, nowSeconds, proto } from './library.mjs';

const NOT_MIGRATED = 463;

/** A message as the server and the contact know it. */
export class Sent {
  frames = [];
  resent = 0;
  asked = 0;
  status = 'taken';
  code = null;
  receipts = [];
  readable = false;
  message = null;
  own = null;
  error = null;

  constructor(companion, person, { id, to }) {
    Object.assign(this, { companion, person, id, to });
  }

  toJSON() {
    const { id, to, resent, status, code, receipts, readable, own, error } = this;
    return {
      id,
      to,
      business: `+${this.companion.person.number}`,
      phone: this.person ? `+${this.person.number}` : null,
      frames: this.frames.length,
      first_at: this.frames[0],
      resent,
      status,
      code,
      receipts,
      readable,
      error,
      on_own_phone: Boolean(own),
      ...(this.message ? summary(this.message) : {}),
      message: this.message && plain(this.message),
    };
  }
}

export async function takeMessage(server, connection, stanza) {
  const { companion } = connection;
  const { id, to, category } = stanza.attrs;
  if (category === 'peer') return takePeer(server, connection, stanza);
  const sent =
    server.sentOf(companion, id) ?? server.keep(new Sent(companion, server.people.byJid(to), stanza.attrs));
  if (sent.asked > sent.resent) sent.resent += 1;
  else sent.frames.push(Date.now());
  const rule = server.ruleFor(sent) ?? refusal(sent);
  if (rule?.deliver !== false) await open(server, sent, stanza);
  if (rule && rule.answer !== 'ack') return follow(connection, sent, rule);
  return acknowledge(server, connection, sent, rule?.delay_ms ?? 0);
}

/** What the server refuses by itself: a contact that is known by LID now is not reached by the phone. */
function refusal({ person, to }) {
  if (person?.addressing !== 'lid' || !person.pn_refused || to.endsWith('@lid')) return undefined;
  return { answer: 'nack', code: NOT_MIGRATED, deliver: false };
}

function follow(connection, sent, rule) {
  if (rule.answer === 'nack') {
    Object.assign(sent, { status: 'nacked', code: rule.code });
    connection.send(ackNode(sent, { error: rule.code }));
  } else {
    sent.status = 'unanswered';
    if (rule.answer === 'close') connection.drop();
  }
}

async function acknowledge(server, connection, sent, delayMs) {
  const give = () => {
    sent.status = 'acked';
    connection.send(ackNode(sent));
    for (const type of sent.person?.receipts ?? []) server.giveReceipt(sent, type);
    server.changed();
  };
  if (delayMs > 0) server.later(delayMs, give);
  else give();
}

function ackNode({ id, to }, more = {}) {
  return node('ack', { class: 'message', id, from: to, t: nowSeconds(), ...more });
}

/** To the own phone: requests for history and the like. Only written down. */
async function takePeer(server, connection, stanza) {
  const { companion } = connection;
  const enc = child(stanza, 'enc');
  const opened = enc && (await decrypt(companion.person.phone, companion, enc).catch(() => null));
  server.peerMessages.push({ id: stanza.attrs.id, message: opened && plain(opened) });
  connection.send(ackNode({ id: stanza.attrs.id, to: stanza.attrs.to }));
}

/** Each phone that the message is for takes its part. */
async function open(server, sent, stanza) {
  const parts = childrenNamed(child(stanza, 'participants'), 'to').map((to) => [
    to.attrs.jid,
    child(to, 'enc'),
  ]);
  const direct = child(stanza, 'enc');
  if (direct) parts.push([stanza.attrs.to, direct]);
  const results = await Promise.all(parts.map(([jid, enc]) => openPart(server, sent, jid, enc)));
  if (sent.person && !results.some((it) => it)) sent.error ??= 'nothing in it for the contact';
}

/** Returns whether it was the contact's part. */
async function openPart(server, sent, jid, enc) {
  const person = server.people.byJid(jid);
  const place = jidDecode(jid).device ?? 0;
  const device = person?.devices[place];
  if (!device || !enc) return false;
  const own = person === sent.companion.person && person !== sent.person;
  try {
    const message = await decrypt(device, sent.companion, enc);
    if (own) sent.own = message.deviceSentMessage?.message ?? null;
    else if (place === 0) Object.assign(sent, { message, readable: true, error: null });
  } catch (error) {
    if (own || place !== 0) return !own;
    if (!sent.readable) sent.error = error.message;
    if (server.settings.askAgain && !sent.readable) askAgain(sent, device);
  }
  return !own;
}

async function decrypt(device, companion, enc) {
  const bytes = await device.decrypt(companion.address, enc.attrs.type, bytesOf(enc));
  return proto.Message.decode(bytes);
}

/** The contact's phone could not read it: it gives new keys and wants the message again. */
function askAgain(sent, device) {
  sent.asked += 1;
  device.forget(sent.companion.address);
  const t = nowSeconds();
  sent.companion.deliver(
    node('receipt', { id: sent.id, from: sent.to, type: 'retry', t }, [
      node('retry', { count: sent.asked, id: sent.id, t, v: '1' }),
      ...device.retryNodes(),
    ]),
  );
}

/** `delivered` has no type on the wire. */
export function receiptNode(sent, type, t = nowSeconds()) {
  return node('receipt', { id: sent.id, from: sent.to, type: type === 'delivered' ? undefined : type, t });
}
