/**
 * Linking a device: what the server says to a new one, and what the owner's phone does when it scans the code or is
 * given one. The facts: baileys' `CB:iq,type:set,pair-device`, `configureSuccessfulPairing` and, for the code,
 * `requestPairingCode` and the notification `link_code_companion_reg`.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { Companion } from './companion.mjs';
import {
  bytesOf,
  Curve,
  child,
  generateSignalPubKey,
  isSignedBy,
  node,
  nowSeconds,
  proto,
  SERVER,
  textOf,
} from './library.mjs';
import { digitsOf } from './people.mjs';

const REFS = 6;
const ACCOUNT_SIGNATURE = Buffer.from([6, 0]);
const DEVICE_SIGNATURE = Buffer.from([6, 1]);
const CODE_ROUNDS = 2 << 16;
const deriveCode = promisify(pbkdf2);

/** Gives a new device the codes that it shows, one after another. */
export function offerRefs(connection, registration) {
  connection.registration = registration;
  connection.refs = Array.from({ length: REFS }, () => `2@${randomBytes(48).toString('base64url')}`);
  const refs = connection.refs.map((ref) => node('ref', {}, Buffer.from(ref)));
  connection.send(
    node('iq', { from: SERVER, type: 'set', id: randomBytes(6).toString('hex'), xmlns: 'md' }, [
      node('pair-device', {}, refs),
    ]),
  );
}

/** What the phone's camera reads: `[address#]ref,noise key,identity key,secret[,kind of client]`. */
function readQr(qr) {
  const [ref, noiseKey, identity, secret] = qr.slice(qr.indexOf('#') + 1).split(',');
  if (!secret) throw new Error('not a code of WhatsApp Web');
  const bytes = (text) => Buffer.from(text, 'base64');
  return { ref, noiseKey: bytes(noiseKey), identity: bytes(identity), secret: bytes(secret) };
}

/**
 * The phone of `person` scans a code that a device shows.
 * @returns {Promise<Companion>} once the device has signed its part and was sent away to come again (515)
 */
export async function scanQr(server, person, qr) {
  const { ref, noiseKey, identity, secret } = readQr(qr);
  const connection = server.connections.find((one) => one.refs.includes(ref));
  if (!connection) throw new Error('the code is no longer shown');
  if (
    !noiseKey.equals(connection.noiseKey) ||
    !identity.equals(Buffer.from(connection.registration.eIdent))
  ) {
    throw new Error('the code holds keys that are not those of the device');
  }
  return link(server, connection, person, secret);
}

/** The device asks to be linked by a code (`companion_hello`). */
export function hearHello(server, connection, stanza) {
  const hello = child(stanza, 'link_code_companion_reg');
  const ref = randomBytes(16).toString('base64url');
  server.codes.set(digitsOf(hello.attrs.jid), {
    connection,
    ref,
    wrapped: bytesOf(child(hello, 'link_code_pairing_wrapped_companion_ephemeral_pub')),
  });
  connection.send(
    node('iq', { from: SERVER, type: 'result', id: stanza.attrs.id }, [
      node('link_code_companion_reg', { stage: 'companion_hello' }, [
        node('link_code_pairing_ref', {}, Buffer.from(ref)),
      ]),
    ]),
  );
}

/** AES-CTR under a key from the code: salt, counter, 32 bytes. */
async function codeCipher(make, code, salt, iv) {
  return make('aes-256-ctr', await deriveCode(code, salt, CODE_ROUNDS, 32, 'sha256'), iv);
}

/**
 * The owner of `person`'s phone types the code that the device shows. A wrong code shows only when the device's answer
 * does not open.
 */
export async function enterCode(server, person, code) {
  const asked = server.codes.get(person.number);
  if (!asked) throw new Error('no device asked for a code with this number');
  const { wrapped, connection, ref } = asked;
  const opener = await codeCipher(createDecipheriv, code, wrapped.subarray(0, 32), wrapped.subarray(32, 48));
  const theirs = opener.update(wrapped.subarray(48, 80));
  const ephemeral = Curve.generateKeyPair();
  const [salt, iv] = [randomBytes(32), randomBytes(16)];
  const closer = await codeCipher(createCipheriv, code, salt, iv);
  const answer = Buffer.concat([salt, iv, closer.update(ephemeral.public)]);
  const finished = connection.whenHeard(ref);
  connection.send(primaryHello(person, answer, ref));
  const secret = codeSecret(person, ephemeral, theirs, await finished);
  server.codes.delete(person.number);
  return link(server, connection, person, secret);
}

function primaryHello(person, wrapped, ref) {
  const attrs = {
    from: SERVER,
    type: 'link_code_companion_reg',
    id: randomBytes(4).toString('hex'),
    t: nowSeconds(),
  };
  return node('notification', attrs, [
    node('link_code_companion_reg', { stage: 'primary_hello' }, [
      node('link_code_pairing_wrapped_primary_ephemeral_pub', {}, wrapped),
      node('primary_identity_pub', {}, person.phone.identity.public),
      node('link_code_pairing_ref', {}, Buffer.from(ref)),
    ]),
  ]);
}

/** The device's answer (`companion_finish`). */
export function hearFinish(_server, connection, stanza) {
  connection.send(node('iq', { from: SERVER, type: 'result', id: stanza.attrs.id }));
  const finish = child(stanza, 'link_code_companion_reg');
  connection.heard(textOf(child(finish, 'link_code_pairing_ref')), {
    bundle: bytesOf(child(finish, 'link_code_pairing_wrapped_key_bundle')),
    identity: bytesOf(child(finish, 'companion_identity_public')),
  });
}

/** Opens the bundle (salt, nonce, GCM) and derives the secret that a scanned code would have held. */
function codeSecret(person, ephemeral, theirs, { bundle, identity }) {
  const shared = Curve.sharedKey(ephemeral.private, theirs);
  const info = 'link_code_pairing_key_bundle_encryption_key';
  const key = Buffer.from(hkdfSync('sha256', shared, bundle.subarray(0, 32), info, 32));
  const opener = createDecipheriv('aes-256-gcm', key, bundle.subarray(32, 44));
  opener.setAuthTag(bundle.subarray(-16));
  const plain = opener.update(bundle.subarray(44, -16));
  try {
    opener.final();
  } catch {
    throw new Error('wrong code');
  }
  const parts = Buffer.concat([identity, person.phone.identity.public]);
  if (!plain.subarray(0, 64).equals(parts)) throw new Error('the bundle holds other keys');
  const identityShared = Curve.sharedKey(person.phone.identity.private, identity);
  const material = Buffer.concat([shared, identityShared, plain.subarray(64)]);
  return Buffer.from(hkdfSync('sha256', material, Buffer.alloc(0), 'adv_secret', 32));
}

/** Tells the device that it is linked, checks what it signs, and sends it away with 515. */
async function link(server, connection, person, secret) {
  const identity = Buffer.from(connection.registration.eIdent);
  const device = server.nextDevice(person);
  const companion = new Companion({
    person,
    device,
    keyIndex: device,
    noiseKey: connection.noiseKey,
    registration: connection.registration,
  });
  const details = proto.ADVDeviceIdentity.encode({
    rawId: device,
    timestamp: nowSeconds(),
    keyIndex: device,
  }).finish();
  const id = randomBytes(6).toString('hex');
  const answer = connection.whenHeard(id);
  connection.refs = [];
  connection.send(pairSuccess(id, companion, signedIdentity(person, details, identity, secret)));
  checkDeviceSignature(await answer, person, details, identity);
  server.companions.push(companion);
  connection.streamError(515);
  server.changed();
  return companion;
}

/** The owner's identity vouches for the device's, and the secret vouches for that. */
function signedIdentity(person, details, identity, secret) {
  const { public: accountSignatureKey, private: key } = person.phone.identity;
  const accountSignature = Curve.sign(key, Buffer.concat([ACCOUNT_SIGNATURE, details, identity]));
  const signed = proto.ADVSignedDeviceIdentity.encode({
    details,
    accountSignatureKey,
    accountSignature,
  }).finish();
  const hmac = createHmac('sha256', secret).update(signed).digest();
  return proto.ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac }).finish();
}

function pairSuccess(id, companion, identity) {
  return node('iq', { from: SERVER, type: 'set', id, xmlns: 'md', t: nowSeconds() }, [
    node('pair-success', {}, [
      node('device-identity', {}, identity),
      node('biz', { name: companion.person.name }),
      node('device', { jid: companion.jid, lid: companion.lidJid }),
      node('platform', { name: 'smba' }),
    ]),
  ]);
}

function checkDeviceSignature(answer, person, details, identity) {
  const signed = proto.ADVSignedDeviceIdentity.decode(
    bytesOf(child(child(answer, 'pair-device-sign'), 'device-identity')),
  );
  const message = Buffer.concat([DEVICE_SIGNATURE, details, identity, person.phone.identity.public]);
  if (!isSignedBy(generateSignalPubKey(identity), message, signed.deviceSignature))
    throw new Error('the device signed something else');
}
