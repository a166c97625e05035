/**
 * What this bridge and the server sign, both ways: HMAC-SHA256 under WA_SHARED_SECRET over
 * `"{unix seconds}\n{METHOD}\n{path with query}\n{body}"`.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { SIGNATURE_TOLERANCE_S } from './limits.mjs';

const PREFIX = 'sha256=';

/**
 * @typedef {object} Signable
 * @property {string} method
 * @property {string} target path with query, exactly as in the request line
 * @property {Buffer | string} body
 */

/**
 * @param {string} secret
 * @param {number} atS
 * @param {Signable} request
 */
export function signature(secret, atS, { method, target, body }) {
  const mac = createHmac('sha256', secret).update(`${atS}\n${method}\n${target}\n`).update(body);
  return `${PREFIX}${mac.digest('hex')}`;
}

/**
 * @param {string} secret
 * @param {Signable} request
 * @param {number} [nowMs]
 */
export function signedHeaders(secret, request, nowMs = Date.now()) {
  const atS = Math.floor(nowMs / 1000);
  return { 'x-wa-timestamp': String(atS), 'x-wa-signature': signature(secret, atS, request) };
}

/** What makes two equal requests different, so that a replay can be told from a repeat. */
export function nonce() {
  return randomBytes(16).toString('hex');
}

/** @param {string} one @param {string} other */
export function sameText(one, other) {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Why a request is refused, or null when its signature holds.
 * @param {string} secret
 * @param {Signable} request
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {number} [nowMs]
 * @returns {'unsigned' | 'stale' | 'bad_signature' | null}
 */
export function refusal(secret, request, headers, nowMs = Date.now()) {
  const [at, given] = [headers['x-wa-timestamp'], headers['x-wa-signature']];
  if (typeof at !== 'string' || typeof given !== 'string' || !/^\d{1,12}$/.test(at)) return 'unsigned';
  if (!sameText(given.toLowerCase(), signature(secret, Number(at), request))) return 'bad_signature';
  return Math.abs(nowMs / 1000 - Number(at)) > SIGNATURE_TOLERANCE_S ? 'stale' : null;
}
