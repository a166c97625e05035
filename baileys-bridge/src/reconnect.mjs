/** What follows when WhatsApp closes a connection, by its code. Pure: no clock, no socket. */
import { DisconnectReason } from 'baileys';
import { RECONNECT_BACKOFF_MS } from './limits.mjs';

/**
 * @typedef {'restarting' | 'logged_out' | 'replaced' | 'banned' | 'unreachable' | 'version' | 'disk_full'} Reason
 * @typedef {object} Next
 * @property {'now' | 'later' | 'refresh' | 'stop' | 'forget'} step `now`: a new connection at once; `later`: after a
 *   wait; `refresh`: as `later`, with WhatsApp's present version; `stop`: only when somebody asks for it; `forget`: the
 *   credentials are worth nothing any more
 * @property {Reason} reason
 */

/** @type {Map<number, Next>} */
const BY_CODE = new Map([
  [DisconnectReason.restartRequired, { step: 'now', reason: 'restarting' }],
  [DisconnectReason.loggedOut, { step: 'forget', reason: 'logged_out' }],
  [402, { step: 'forget', reason: 'banned' }],
  [DisconnectReason.forbidden, { step: 'forget', reason: 'banned' }],
  [406, { step: 'forget', reason: 'logged_out' }],
  [DisconnectReason.multideviceMismatch, { step: 'stop', reason: 'version' }],
  [DisconnectReason.connectionReplaced, { step: 'stop', reason: 'replaced' }],
  [405, { step: 'refresh', reason: 'version' }],
]);

/**
 * @param {number | undefined} code that of `lastDisconnect.error.output.statusCode`; without one it is as if the network
 *   was gone
 * @returns {Next}
 */
export function afterClose(code) {
  return BY_CODE.get(code ?? 0) ?? { step: 'later', reason: 'unreachable' };
}

/**
 * Doubles with each failure and is never twice the same, so that bridges that lost WhatsApp together do not come back
 * together.
 * @param {number} failures 1 after the first
 * @param {{ first: number, most: number }} [bounds]
 * @param {() => number} [random]
 * @returns {number} milliseconds
 */
export function backoffMs(failures, bounds = RECONNECT_BACKOFF_MS, random = Math.random) {
  const whole = Math.min(bounds.most, bounds.first * 2 ** Math.min(failures - 1, 30));
  return Math.round(whole * (0.5 + random() / 2));
}
