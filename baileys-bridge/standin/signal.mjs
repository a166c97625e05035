/**
 * A phone's end of Signal (signal.org/docs: X3DH and the Double Ratchet), by the libsignal that the library brings. What
 * is here is a device's store of keys and sessions; the wire shapes are those of baileys' `Utils/signal.js`.
 */
import { randomBytes, randomInt } from 'node:crypto';
import {
  bytesOf,
  Curve,
  child,
  generateSignalPubKey,
  libsignal,
  node,
  signedKeyPair,
  xmppPreKey,
  xmppSignedPreKey,
} from './library.mjs';

const MOST_PADDING = 16;
const KEY_TYPE = Buffer.from([5]);

function uint(value, length) {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return bytes;
}

/** Random padding before encrypting: N bytes of value N, 1 to 16 (`writeRandomPadMax16`). */
function pad(bytes) {
  const count = (randomBytes(1)[0] % MOST_PADDING) + 1;
  return Buffer.concat([bytes, Buffer.alloc(count, count)]);
}

function unpad(bytes) {
  const count = bytes[bytes.length - 1];
  if (!count || count > bytes.length) throw new Error('wrong padding');
  return bytes.subarray(0, bytes.length - count);
}

/** What another needs to begin a session, as libsignal wants it, read from a `<user>` or `<keys>` node. */
export function bundleFrom(registrationId, keys) {
  const key = (one) => ({
    keyId: bytesOf(child(one, 'id')).readUIntBE(0, 3),
    publicKey: generateSignalPubKey(bytesOf(child(one, 'value'))),
    signature: bytesOf(child(one, 'signature')),
  });
  const preKey = child(keys, 'key');
  return {
    registrationId,
    identityKey: generateSignalPubKey(bytesOf(child(keys, 'identity'))),
    signedPreKey: key(child(keys, 'skey')),
    preKey: preKey ? key(preKey) : undefined,
  };
}

/** One device with an identity, keys that it gives out, and sessions with others. Peers are named `number.device`. */
export class SignalDevice {
  registrationId = randomInt(1, 16_380);
  identity = Curve.generateKeyPair();
  #signed = signedKeyPair(this.identity, 1);
  #preKeys = new Map();
  #lastPreKey = 0;
  #sessions = new Map();

  /** The `<user>` node of an answer to a question for keys; each has a one-time key of its own. */
  userNode(jid) {
    return node('user', { jid }, this.#keyNodes(true));
  }

  /** Contents of a retry receipt by which the other side begins anew. */
  retryNodes() {
    const [registration, ...keys] = this.#keyNodes(true);
    return [registration, node('keys', {}, keys)];
  }

  #keyNodes(withOneTime) {
    const nodes = [
      node('registration', {}, uint(this.registrationId, 4)),
      node('type', {}, KEY_TYPE),
      node('identity', {}, this.identity.public),
      xmppSignedPreKey(this.#signed),
    ];
    return withOneTime ? [...nodes, this.#oneTimeKey()] : nodes;
  }

  #oneTimeKey() {
    const id = ++this.#lastPreKey;
    const pair = Curve.generateKeyPair();
    this.#preKeys.set(id, pair);
    return xmppPreKey(pair, id);
  }

  knows(peer) {
    return this.#sessions.has(peer.toString());
  }

  forget(peer) {
    this.#sessions.delete(peer.toString());
  }

  /**
   * @param {() => object} bundleOf the peer's keys, asked for only where there is no session yet
   * @returns {Promise<{ type: 'pkmsg' | 'msg', bytes: Buffer }>}
   */
  async encrypt(peer, plain, bundleOf) {
    if (!this.knows(peer)) await new libsignal.SessionBuilder(this.#store, peer).initOutgoing(bundleOf());
    const { type, body } = await new libsignal.SessionCipher(this.#store, peer).encrypt(pad(plain));
    return { type: type === 3 ? 'pkmsg' : 'msg', bytes: Buffer.from(body, 'binary') };
  }

  async decrypt(peer, type, bytes) {
    const cipher = new libsignal.SessionCipher(this.#store, peer);
    const padded =
      type === 'pkmsg'
        ? await cipher.decryptPreKeyWhisperMessage(bytes)
        : await cipher.decryptWhisperMessage(bytes);
    return unpad(Buffer.from(padded));
  }

  /** libsignal's storage interface. Sessions are kept serialised, so that a failed decryption changes none. */
  #store = {
    loadSession: async (id) => {
      const kept = this.#sessions.get(id);
      return kept && libsignal.SessionRecord.deserialize(kept);
    },
    storeSession: async (id, record) => void this.#sessions.set(id, record.serialize()),
    isTrustedIdentity: async () => true,
    loadPreKey: async (id) => this.#pair(this.#preKeys.get(Number(id))),
    removePreKey: async (id) => void this.#preKeys.delete(Number(id)),
    loadSignedPreKey: async () => this.#pair(this.#signed.keyPair),
    getOurRegistrationId: async () => this.registrationId,
    getOurIdentity: async () => this.#pair(this.identity),
  };

  #pair(pair) {
    return pair && { privKey: Buffer.from(pair.private), pubKey: generateSignalPubKey(pair.public) };
  }
}

/** A peer's name in a device's store: the same whether it is addressed by phone or by LID. */
export function peerAddress(number, device) {
  return new libsignal.ProtocolAddress(number, device);
}
