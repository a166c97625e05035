/**
 * A self-signed certificate for 127.0.0.1 and localhost, made anew at each start, in the DER of X.509 (RFC 5280): Node
 * has no function for it, and a stored key would be a secret in the repository.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Tag, length, value. */
function tlv(tag, ...parts) {
  const value = Buffer.concat(parts);
  const long = value.length > 0xff ? [0x82, value.length >> 8, value.length & 0xff] : [0x81, value.length];
  const length = value.length < 0x80 ? [value.length] : long;
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}

const sequence = (...parts) => tlv(0x30, ...parts);
const octets = (...parts) => tlv(0x04, ...parts);
const bits = (bytes) => tlv(0x03, Buffer.from([0]), bytes);
const explicit = (number, ...parts) => tlv(0xa0 + number, ...parts);
const objectId = (hex) => tlv(0x06, Buffer.from(hex, 'hex'));
/** UTCTime, which X.509 wants until 2049. */
const time = (date) => tlv(0x17, Buffer.from(`${date.toISOString().replace(/\D/g, '').slice(2, 14)}Z`));

const ECDSA_SHA256 = sequence(objectId('2a8648ce3d040302'));
const COMMON_NAME = '550403';
const ALTERNATIVE_NAMES = '551d11';
const BASIC_CONSTRAINTS = '551d13';
const TRUE = Buffer.from([0x01, 0x01, 0xff]);

function name(text) {
  return sequence(tlv(0x31, sequence(objectId(COMMON_NAME), tlv(0x0c, Buffer.from(text)))));
}

function extensions() {
  const names = sequence(tlv(0x87, Buffer.from([127, 0, 0, 1])), tlv(0x82, Buffer.from('localhost')));
  return explicit(
    3,
    sequence(
      sequence(objectId(ALTERNATIVE_NAMES), octets(names)),
      sequence(objectId(BASIC_CONSTRAINTS), TRUE, octets(sequence(TRUE))),
    ),
  );
}

/** @returns {{ key: string, cert: string }} both as PEM; the certificate is its own authority */
export function selfSigned() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  const toBeSigned = sequence(
    explicit(0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    ECDSA_SHA256,
    name('stand-in'),
    sequence(time(new Date(Date.now() - DAY_MS)), time(new Date(Date.now() + 30 * DAY_MS))),
    name('stand-in'),
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions(),
  );
  const der = sequence(toBeSigned, ECDSA_SHA256, bits(sign('sha256', toBeSigned, privateKey)));
  const lines = der
    .toString('base64')
    .match(/.{1,64}/g)
    .join('\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}
