/**
 * A linked device as the server sees it: the keys that it gave, and the stanzas that it has not acknowledged. These
 * wait here while it is away and come again, marked `offline`, when it returns.
 */
import { bytesOf, child, childrenNamed, generateSignalPubKey, node, SERVER } from './library.mjs';
import { bundleFrom, peerAddress } from './signal.mjs';

export class Companion {
  connection = null;
  removed = false;
  /** Its acknowledgements are lost on the way. */
  deaf = false;
  /** Read and delivery receipts, presence and typing that it sent, newest last. */
  receipts = [];
  presence = [];
  /** What its contacts wrote to it, by message id, for when it asks again. */
  inbox = new Map();
  #waiting = [];
  #preKeys = [];

  constructor({ person, device, keyIndex, noiseKey, registration }) {
    this.person = person;
    this.device = device;
    this.keyIndex = keyIndex;
    this.noiseKey = noiseKey;
    this.identity = Buffer.from(registration.eIdent);
    this.registrationId = Buffer.from(registration.eRegid).readUInt32BE(0);
    this.signedPreKey = {
      keyId: Buffer.from(registration.eSkeyId).readUIntBE(0, 3),
      publicKey: generateSignalPubKey(Buffer.from(registration.eSkeyVal)),
      signature: Buffer.from(registration.eSkeySig),
    };
  }

  get jid() {
    return `${this.person.number}:${this.device}@${SERVER}`;
  }

  get lidJid() {
    return `${this.person.lid}:${this.device}@lid`;
  }

  get address() {
    return peerAddress(this.person.number, this.device);
  }

  get preKeyCount() {
    return this.#preKeys.length;
  }

  /** From `<iq xmlns="encrypt" type="set">`: one-time keys with the rest, or a new signed key alone. */
  takeKeys(iq) {
    const rotated = child(child(iq, 'rotate'), 'skey') ?? child(iq, 'skey');
    if (rotated) {
      const keys = node('keys', {}, [node('identity', {}, this.identity), rotated]);
      this.signedPreKey = bundleFrom(this.registrationId, keys).signedPreKey;
    }
    for (const key of childrenNamed(child(iq, 'list'), 'key')) {
      const publicKey = generateSignalPubKey(bytesOf(child(key, 'value')));
      this.#preKeys.push({ keyId: bytesOf(child(key, 'id')).readUIntBE(0, 3), publicKey });
    }
  }

  /** What a phone needs to begin a session with it. A one-time key is given once; without any, X3DH goes without. */
  bundle() {
    return {
      registrationId: this.registrationId,
      identityKey: generateSignalPubKey(this.identity),
      signedPreKey: this.signedPreKey,
      preKey: this.#preKeys.shift(),
    };
  }

  /** Queues a stanza, and sends it at once where the device is there and has taken its backlog. */
  deliver(stanza, { live = true } = {}) {
    this.#waiting.push({ stanza, sentOn: null });
    if (live && this.connection?.live) this.#send(this.#waiting.at(-1));
  }

  #send(entry, offline) {
    entry.sentOn = this.connection;
    const { tag, attrs, content } = entry.stanza;
    this.connection.send({
      tag,
      attrs: offline === undefined ? attrs : { ...attrs, offline: String(offline) },
      content,
    });
  }

  /** Stanzas by kind that wait for its return. */
  backlog() {
    const due = this.#waiting.filter(({ sentOn }) => sentOn !== this.connection);
    const count = (tag) => due.filter(({ stanza }) => stanza.tag === tag).length;
    return {
      count: due.length,
      message: count('message'),
      receipt: count('receipt'),
      notification: count('notification'),
    };
  }

  /** Sends what waited, marked as such. */
  sendBacklog() {
    const due = this.#waiting.filter(({ sentOn }) => sentOn !== this.connection);
    due.forEach((entry, place) => void this.#send(entry, place));
  }

  /** Sends as live what came while the backlog was on its way. */
  sendLate() {
    for (const entry of this.#waiting.filter(({ sentOn }) => sentOn !== this.connection)) this.#send(entry);
  }

  /** It has this stanza; a message is acknowledged by a receipt as well as by an ack (`handleMessage`). */
  acknowledge(tag, id, type) {
    if (this.deaf) return;
    const place = this.#waiting.findIndex(
      ({ stanza, sentOn }) =>
        sentOn &&
        stanza.tag === tag &&
        stanza.attrs.id === id &&
        (tag === 'message' || (stanza.attrs.type ?? '') === type),
    );
    if (place >= 0) this.#waiting.splice(place, 1);
  }

  get unacknowledged() {
    return this.#waiting.length;
  }

  toJSON() {
    const { jid, lidJid, removed, receipts, presence, unacknowledged } = this;
    const connected = Boolean(this.connection);
    return {
      business: `+${this.person.number}`,
      jid,
      lid: lidJid,
      connected,
      removed,
      unacknowledged,
      receipts,
      presence,
    };
  }
}
