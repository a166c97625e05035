/**
 * The server's side of Noise_XX_25519_AESGCM_SHA256 (noiseprotocol.org, revision 34, §5 and §7.5) as WhatsApp Web speaks
 * it: prologue `WA` 6 3, handshake messages in protobuf, and after it one counter and one key each way with no
 * associated data. The other side is baileys' `Utils/noise-handler.js`.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { Curve, proto, WA_CERT_DETAILS } from './library.mjs';

export const PROLOGUE = Buffer.from([0x57, 0x41, 6, 3]);
const NAME = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0');
const TAG_BYTES = 16;

/** 96 bits of which the last 32 count, big-endian. */
function nonce(counter) {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(counter, 8);
  return bytes;
}

function seal(key, counter, data, associated) {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(counter)).setAAD(associated);
  return Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]);
}

function unseal(key, counter, data, associated) {
  const end = data.length - TAG_BYTES;
  if (end < 0) throw new Error('shorter than its tag');
  const cipher = createDecipheriv('aes-256-gcm', key, nonce(counter)).setAAD(associated);
  cipher.setAuthTag(data.subarray(end));
  return Buffer.concat([cipher.update(data.subarray(0, end)), cipher.final()]);
}

function twoKeys(salt, secret) {
  const both = Buffer.from(hkdfSync('sha256', secret, salt, Buffer.alloc(0), 64));
  return [both.subarray(0, 32), both.subarray(32)];
}

/** Noise's SymmetricState. One counter serves both ways until the split. */
class SymmetricState {
  #hash = NAME;
  #chain = NAME;
  #key = NAME;
  #counter = 0;

  mixHash(data) {
    this.#hash = createHash('sha256').update(this.#hash).update(data).digest();
  }

  mixKey(secret) {
    [this.#chain, this.#key] = twoKeys(this.#chain, secret);
    this.#counter = 0;
  }

  seal(data) {
    const sealed = seal(this.#key, this.#counter++, data, this.#hash);
    this.mixHash(sealed);
    return sealed;
  }

  open(data) {
    const opened = unseal(this.#key, this.#counter++, data, this.#hash);
    this.mixHash(data);
    return opened;
  }

  split() {
    return twoKeys(this.#chain, Buffer.alloc(0));
  }
}

/** After the handshake: a key and a counter each way. */
class Transport {
  #read;
  #write;
  #readCount = 0;
  #writeCount = 0;

  constructor(read, write) {
    this.#read = read;
    this.#write = write;
  }

  seal(data) {
    return seal(this.#write, this.#writeCount++, data, Buffer.alloc(0));
  }

  open(data) {
    return unseal(this.#read, this.#readCount++, data, Buffer.alloc(0));
  }
}

/** One connection's handshake, as the responder. */
export class Handshake {
  #state = new SymmetricState();
  #ephemeral = Curve.generateKeyPair();
  #identity;
  /** Whether the first frame was taken. */
  greeted = false;

  /** @param {ServerIdentity} identity */
  constructor(identity) {
    this.#identity = identity;
    this.#state.mixHash(PROLOGUE);
  }

  /** Takes the first frame (-> e) and gives the answer to it (<- e, ee, s, es). */
  hello(frame) {
    const { clientHello } = proto.HandshakeMessage.decode(frame);
    const theirs = clientHello?.ephemeral;
    if (!theirs?.length) throw new Error('no client hello');
    this.greeted = true;
    const state = this.#state;
    state.mixHash(theirs);
    state.mixHash(this.#ephemeral.public);
    state.mixKey(Curve.sharedKey(this.#ephemeral.private, theirs));
    const sealedStatic = state.seal(this.#identity.pair.public);
    state.mixKey(Curve.sharedKey(this.#identity.pair.private, theirs));
    const payload = state.seal(this.#identity.certificate);
    const serverHello = { ephemeral: this.#ephemeral.public, static: sealedStatic, payload };
    return Buffer.from(proto.HandshakeMessage.encode({ serverHello }).finish());
  }

  /**
   * Takes the second frame (-> s, se).
   * @returns {{ staticKey: Buffer, payload: Buffer, transport: Transport }} the client's long-term key, and its
   *   ClientPayload still encoded
   */
  finish(frame) {
    const { clientFinish } = proto.HandshakeMessage.decode(frame);
    if (!clientFinish?.static || !clientFinish.payload) throw new Error('no client finish');
    const staticKey = this.#state.open(Buffer.from(clientFinish.static));
    this.#state.mixKey(Curve.sharedKey(this.#ephemeral.private, staticKey));
    const payload = this.#state.open(Buffer.from(clientFinish.payload));
    const [fromClient, fromServer] = this.#state.split();
    return { staticKey, payload, transport: new Transport(fromClient, fromServer) };
  }
}

/** The server's long-term key with its certificate chain, which the library checks against `WA_CERT_DETAILS.PUBLIC_KEY`. */
export class ServerIdentity {
  pair = Curve.generateKeyPair();
  #root;

  /** @param {{ public: Buffer, private: Buffer }} [root] */
  constructor(root = Curve.generateKeyPair()) {
    this.#root = root;
    this.certificate = this.#chain();
  }

  /** What a client must hold as `WA_CERT_DETAILS.PUBLIC_KEY`, 32 bytes. */
  get rootPublicKey() {
    return Buffer.from(this.#root.public);
  }

  #chain() {
    const middle = Curve.generateKeyPair();
    const intermediate = certificate(this.#root, 1, WA_CERT_DETAILS.SERIAL, middle.public);
    const leaf = certificate(middle, 2, 1, this.pair.public);
    return Buffer.from(proto.CertChain.encode({ leaf, intermediate }).finish());
  }
}

function certificate(issuer, serial, issuerSerial, key) {
  const day = 24 * 60 * 60;
  const now = Math.floor(Date.now() / 1000);
  const details = proto.CertChain.NoiseCertificate.Details.encode({
    serial,
    issuerSerial,
    key,
    notBefore: now - day,
    notAfter: now + 365 * day,
  }).finish();
  return { details, signature: Curve.sign(issuer.private, details) };
}
