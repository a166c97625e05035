/**
 * Messages to a linked device: from a contact, or from the owner's own phone. Encrypted for that device alone, queued
 * until it acknowledges them. The facts: baileys' `decodeMessageNode`, `extractAddressingContext`, `handleMessage`.
 */
import { randomBytes } from 'node:crypto';
import { isMediaMessage, messageOf } from './content.mjs';
import { child, node, nowSeconds, proto } from './library.mjs';
import { bundleFrom } from './signal.mjs';

/** As phones make them. */
export const newId = () => `3A${randomBytes(9).toString('hex').toUpperCase()}`;

const MOST_RETRIES = 5;

/**
 * A contact writes to a business.
 * @param {object} wanted `kind` and its contents (`content.mjs`), and: `id`, `t` (unix seconds), `copies` (the same id
 *   so many times), `backlog` (kept until the device connects anew), `unreadable` (the first copy cannot be opened)
 * @returns {Promise<string>} the message's id
 */
export async function contactWrites(server, companion, person, wanted) {
  const id = wanted.id ?? newId();
  const message = await messageOf(server, wanted, {
    business: companion.person,
    contact: person,
    writer: person,
  });
  const attrs = { ...contactAttrs(person), id, t: wanted.t ?? nowSeconds(), ...kindAttrs(message) };
  await put(companion, { id, attrs, message, device: person.phone }, wanted);
  return id;
}

function contactAttrs(person) {
  const { name, lidJid, pnJid, addressing, hidden } = person;
  if (addressing === 'lid') return { from: lidJid, notify: name, sender_pn: hidden ? undefined : pnJid };
  return { from: pnJid, notify: name, sender_lid: lidJid };
}

/** The owner writes on the phone: every linked device gets a copy. */
export async function ownerWrites(server, companion, person, wanted) {
  const id = wanted.id ?? newId();
  const owner = companion.person;
  const message = await messageOf(server, wanted, { business: owner, contact: person, writer: owner });
  const lid = person.addressing === 'lid';
  const attrs = {
    from: lid ? owner.lidJid : owner.pnJid,
    recipient: person.jid,
    [lid ? 'peer_recipient_pn' : 'peer_recipient_lid']: lid ? person.pnJid : person.lidJid,
    notify: owner.name,
    id,
    t: wanted.t ?? nowSeconds(),
    ...kindAttrs(message),
  };
  const wrapped = { deviceSentMessage: { destinationJid: person.jid, message } };
  await put(companion, { id, attrs, message: wrapped, device: owner.phone }, wanted);
  return id;
}

/** `edit`: 1 for an edit, 7 for a message taken back. */
function kindAttrs(message) {
  const types = proto.Message.ProtocolMessage.Type;
  const edits = { [types.MESSAGE_EDIT]: '1', [types.REVOKE]: '7' };
  const type = message.reactionMessage ? 'reaction' : isMediaMessage(message) ? 'media' : 'text';
  return { type, edit: edits[message.protocolMessage?.type] };
}

async function put(companion, written, { copies = 1, backlog = false, unreadable = false }) {
  companion.inbox.set(written.id, { ...written, retries: 0 });
  for (let copy = 0; copy < copies; copy++) {
    const stanza = await seal(companion, written);
    if (unreadable && copy === 0) spoil(stanza);
    companion.deliver(stanza, { live: !backlog });
  }
}

/** As a stanza. `bundle` are keys to begin a session with, where there is none; the server's by default. */
async function seal(companion, { attrs, message, device }, { count, bundle } = {}) {
  const bytes = Buffer.isBuffer(message) ? message : proto.Message.encode(message).finish();
  const keys = () => bundle ?? companion.bundle();
  const { type, bytes: sealed } = await device.encrypt(companion.address, bytes, keys);
  return node('message', attrs, [node('enc', { v: '2', type, count }, sealed)]);
}

function spoil(stanza) {
  const bytes = stanza.content[0].content;
  bytes[bytes.length - 9] ^= 0xff;
}

/** The device could not read a message: its writer begins a new session, with the keys in the receipt if there are any. */
export async function resend(companion, receipt) {
  const written = companion.inbox.get(receipt.attrs.id);
  if (!written || written.retries >= MOST_RETRIES) return;
  written.retries += 1;
  const keys = child(receipt, 'keys');
  const given = keys && bundleFrom(companion.registrationId, keys);
  written.device.forget(companion.address);
  const count = Number(child(receipt, 'retry').attrs.count);
  companion.deliver(await seal(companion, written, { count, bundle: given }));
}
