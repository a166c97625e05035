/**
 * All that the stand-in takes from the library under test: its codecs and its Signal implementation. The protocol above
 * them (Noise, pairing, routing, queries) is the stand-in's own, so that a mistake in one is not repeated in the other.
 */
import { createRequire } from 'node:module';

export {
  Curve,
  decodeBinaryNode,
  encodeBinaryNode,
  generateSignalPubKey,
  getAllBinaryNodeChildren as children,
  getBinaryNodeChild as child,
  getBinaryNodeChildren as childrenNamed,
  jidDecode,
  jidNormalizedUser,
  proto,
  signedKeyPair,
  WA_CERT_DETAILS,
  xmppPreKey,
  xmppSignedPreKey,
} from 'baileys';

/** The library's own copy of libsignal, wherever npm has put it. */
export const libsignal = createRequire(import.meta.resolve('baileys'))('libsignal');

/**
 * Whether a signature (XEdDSA) is the key's. Not `Curve.verify`: that one says yes to whatever has the right length, as
 * libsignal's answer is thrown away in it.
 */
export function isSignedBy(publicKey, message, signature) {
  return libsignal.curve.verifySignature(
    Buffer.from(publicKey),
    Buffer.from(message),
    Buffer.from(signature),
  );
}

export const SERVER = 's.whatsapp.net';

/** @typedef {{ tag: string, attrs: Record<string, string>, content?: Node[] | string | Uint8Array }} Node */

/** A stanza's node. Attributes that are undefined are left out: the encoder would write them as words. */
export function node(tag, attrs = {}, content) {
  const given = Object.entries(attrs).filter(([, value]) => value !== undefined && value !== null);
  return { tag, attrs: Object.fromEntries(given.map(([name, value]) => [name, String(value)])), content };
}

/** A node's contents as text: words of the dictionary come as strings, all else as bytes. */
export function textOf(one) {
  if (!one?.content || Array.isArray(one.content)) return '';
  return typeof one.content === 'string' ? one.content : Buffer.from(one.content).toString('utf8');
}

/** A node's contents as bytes. */
export function bytesOf(one) {
  if (!one?.content || Array.isArray(one.content)) return Buffer.alloc(0);
  return typeof one.content === 'string' ? Buffer.from(one.content) : Buffer.from(one.content);
}

export const nowSeconds = () => Math.floor(Date.now() / 1000);
