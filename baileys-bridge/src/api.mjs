/** What the server may ask of the bridge (spec 09, «Bridge signature» and what follows). */
import { readOrder } from './outgoing.mjs';
import { Refusal } from './refusal.mjs';

/**
 * @typedef {object} Request
 * @property {URL} url
 * @property {any} body
 * @property {AbortSignal} signal comes when the caller has gone
 *
 * @typedef {import('./session.mjs').Session} Session
 * @typedef {{ status: number, body?: unknown }} Reply
 */

/** @type {Record<string, (session: Session, request: Request, rest: string) => Promise<Reply>>} */
const ACTIONS = {
  'GET status': async (session) => ok(session.status()),
  'GET qr': async (session) => ok(await session.qr()),
  'GET on_whatsapp': async (session, { url }) => {
    const phone = digits(url.searchParams.get('phone'));
    return ok({ on_whatsapp: await session.sender.onWhatsApp(phone) });
  },
  'GET messages': async (session, _, id) => ok(session.sender.find(id)),
  'POST send': async (session, { body, signal }) => ok(await session.sender.send(readOrder(body), signal)),
  'POST pair': async (session, { body }) => ok({ code: await session.pair(digits(body?.phone)) }),
  'POST connect': async (session) => {
    session.start();
    return { status: 204 };
  },
  'POST logout': async (session) => {
    await session.logout();
    return { status: 204 };
  },
  'POST presence': async (session, { body }) => {
    if (!['composing', 'recording', 'paused'].includes(body?.state))
      throw new Refusal(422, 'invalid', '"state"');
    await session.sender.presence(body.to, body.state);
    return { status: 204 };
  },
};

/** @param {unknown} body @returns {Reply} */
const ok = (body) => ({ status: 200, body });

/** @param {unknown} phone */
function digits(phone) {
  const found = typeof phone === 'string' ? /^[+ ]?(\d{7,15})$/.exec(phone.replace(/[\s-]/g, ''))?.[1] : null;
  if (!found) throw new Refusal(422, 'invalid', '"phone" is no phone number');
  return found;
}

/**
 * @param {string} method @param {string} path
 * @returns {{ business: number, act: (session: Session, request: Request) => Promise<Reply> }}
 */
export function route(method, path) {
  const match = /^\/sessions\/(\d{1,15})\/([a-z_]+)(?:\/([A-Za-z0-9._-]{1,128}))?$/.exec(path);
  const [, business, name, rest = ''] = match ?? [];
  const wantsRest = name === 'messages';
  if (!match || wantsRest !== (rest !== '')) throw new Refusal(404, 'not_found');
  const key = `${method} ${name}`;
  if (Object.hasOwn(ACTIONS, key)) {
    return { business: Number(business), act: (session, request) => ACTIONS[key](session, request, rest) };
  }
  const others = Object.keys(ACTIONS).filter((other) => other.endsWith(` ${name}`));
  throw others.length > 0 ? new Refusal(405, 'method_not_allowed') : new Refusal(404, 'not_found');
}
