/**
 * WhatsApp's addresses. A person has a phone address (`972501234567@s.whatsapp.net`) and a LID (`123@lid`), both with
 * digits before the sign; a LID's digits are never a phone.
 */

/** @param {string | null | undefined} jid @returns {{ user: string, server: string } | null} */
function parts(jid) {
  const match = /^(\d{3,20})(?:_\d+)?(?::\d+)?@([a-z.]+)$/.exec(jid ?? '');
  return match ? { user: match[1], server: match[2] } : null;
}

const PHONE_SERVERS = ['s.whatsapp.net', 'c.us', 'hosted'];
const LID_SERVERS = ['lid', 'hosted.lid'];

/** @param {string | null | undefined} jid @returns {string | null} the digits of its phone */
export function phoneDigits(jid) {
  const found = parts(jid);
  return found && PHONE_SERVERS.includes(found.server) ? found.user : null;
}

/** @param {string | null | undefined} jid @returns {string | null} the digits of its LID */
export function lidDigits(jid) {
  const found = parts(jid);
  return found && LID_SERVERS.includes(found.server) ? found.user : null;
}

/** @param {string} digits */
export const phoneJid = (digits) => `${digits}@s.whatsapp.net`;
/** @param {string} digits */
export const lidJid = (digits) => `${digits}@lid`;

/** The address without the device. @param {string} jid */
export function bare(jid) {
  const lid = lidDigits(jid);
  if (lid) return lidJid(lid);
  const phone = phoneDigits(jid);
  return phone ? phoneJid(phone) : jid;
}

/**
 * Everything but a conversation with one person: groups, lists, statuses, channels, the app's own announcements. The
 * server itself, which has no digits before its sign, is none of these.
 * @param {string | null | undefined} jid
 */
export function isIgnored(jid) {
  if (!jid || /^@?s\.whatsapp\.net$/.test(jid)) return false;
  const person = phoneDigits(jid) ?? lidDigits(jid);
  return person === null || person === '0';
}

/**
 * Whom the server wants to reach: `+972…`, bare digits, `…@s.whatsapp.net`, or `…@lid`.
 * @param {unknown} to @returns {{ phone: string } | { lid: string } | null}
 */
export function recipient(to) {
  if (typeof to !== 'string') return null;
  const lid = lidDigits(to);
  if (lid) return { lid };
  const digits = phoneDigits(to) ?? /^\+?(\d{7,15})$/.exec(to)?.[1] ?? null;
  return digits ? { phone: digits } : null;
}
