/**
 * From what the library hands over to the journal. It is the first thing that happens with a message, in one transaction:
 * its id is remembered, its file can be fetched, its event will reach the server.
 */
import { randomBytes } from 'node:crypto';
import { lidOfPhone, phoneOfLid } from './auth.mjs';
import { contentOf, mediaOf, unsupported } from './content.mjs';
import { bare, isIgnored, lidDigits, lidJid, phoneDigits, phoneJid } from './jids.mjs';

/**
 * @typedef {import('baileys').WAMessage} WAMessage
 * @typedef {import('./journal.mjs').Journal} Journal
 * @typedef {import('./store.mjs').Store} Store
 * @typedef {{ store: Store, journal: Journal, business: number, me: { id?: string, lid?: string } | undefined }} Where
 */

/**
 * Everybody by whom the other side is known.
 * @param {Store} store @param {number} business @param {Array<string | null | undefined>} jids
 */
export function identities(store, business, jids) {
  const phones = jids.map(phoneDigits).filter((digits) => digits !== null);
  const lids = jids.map(lidDigits).filter((digits) => digits !== null);
  const phone = phones[0] ?? (lids[0] ? phoneOfLid(store, business, lids[0]) : null);
  const lid = lids[0] ?? (phone ? lidOfPhone(store, business, phone) : null);
  return { phone, lid };
}

/** The one name of a conversation: the phone's where it is known. @param {{ phone: string | null, lid: string | null }} who */
function chatName({ phone, lid }) {
  return phone ? phoneJid(phone) : lidJid(lid ?? '');
}

/**
 * @param {Where} where
 * @param {WAMessage[]} messages
 * @param {boolean} backlog they waited for us while we were away
 * @returns {string[]} ids of those that are dealt with now
 */
export function keep(where, messages, backlog) {
  return where.journal.write((add) =>
    messages.filter((message) => keepOne(where, message, backlog, add)).map((m) => m.key.id ?? ''),
  );
}

/**
 * @param {Where} where @param {WAMessage} message @param {boolean} backlog
 * @param {(business: number, lane: string, event: string, data: object) => void} add
 * @returns {boolean} false: it may come again, readable
 */
function keepOne(where, message, backlog, add) {
  const { store, business } = where;
  const { id, remoteJid, fromMe } = message.key;
  if (!id || !remoteJid || isIgnored(remoteJid)) return true;
  if (!message.message) return false;
  const content = readable(message);
  if (!content || isOurs(store, business, id, Boolean(fromMe))) return true;
  const chat = bare(remoteJid);
  if (!isNew(store, business, chat, Boolean(fromMe), id)) return true;
  const data = eventOf(where, message, content, backlog);
  if (content.media) Object.assign(data, { media: keepFile(store, business, message, content.media) });
  add(business, data.chat, 'message', data);
  return true;
}

/** Nothing in a message may stop those after it. @param {WAMessage} message */
function readable(message) {
  try {
    return contentOf(message.message);
  } catch {
    return unsupported(message.message ?? {});
  }
}

/** An echo of what this bridge sent. @param {Store} store @param {number} business @param {string} id @param {boolean} fromMe */
function isOurs(store, business, id, fromMe) {
  return fromMe && Boolean(store.get('SELECT 1 FROM sends WHERE business = ? AND id = ?', business, id));
}

/** @param {Store} store @param {number} business @param {string} chat @param {boolean} fromMe @param {string} id */
function isNew(store, business, chat, fromMe, id) {
  const added = store.run(
    'INSERT OR IGNORE INTO seen (business, chat, from_me, id, at) VALUES (?, ?, ?, ?, ?)',
    business,
    chat,
    fromMe ? 1 : 0,
    id,
    Date.now(),
  );
  return added === 1;
}

/**
 * The event's data as spec 09 has it. `chat_phone` and `chat_lid` say who the other side is, `sender…` who wrote.
 * @param {Where} where @param {WAMessage} message @param {import('./content.mjs').Content} content @param {boolean} backlog
 */
function eventOf({ store, business, me }, message, content, backlog) {
  const { id, remoteJid, remoteJidAlt, fromMe } = /** @type {any} */ (message.key);
  const other = identities(store, business, [remoteJid, remoteJidAlt]);
  const writer = fromMe ? identities(store, business, [me?.id, me?.lid]) : other;
  return {
    id,
    chat: chatName(other),
    ...named('chat', other),
    sender: chatName(writer),
    ...named('sender', writer),
    from_me: Boolean(fromMe),
    push_name: fromMe ? null : message.pushName || null,
    timestamp: Number(message.messageTimestamp ?? 0) || Math.floor(Date.now() / 1000),
    backlog: backlog && !fromMe,
    ...content,
  };
}

/** @param {string} role @param {{ phone: string | null, lid: string | null }} who */
function named(role, { phone, lid }) {
  return {
    ...(phone ? { [`${role}_phone`]: `+${phone}` } : {}),
    ...(lid ? { [`${role}_lid`]: lid } : {}),
  };
}

/**
 * @param {Store} store @param {number} business @param {WAMessage} message
 * @param {NonNullable<import('./content.mjs').Content['media']>} media
 */
function keepFile(store, business, message, media) {
  const file = randomBytes(16).toString('hex');
  const { part, type } = mediaOf(message.message) ?? {};
  if (!part) return media;
  store.run(
    'INSERT INTO media (id, business, message, at) VALUES (?, ?, ?, ?)',
    file,
    business,
    JSON.stringify(source(part, type, media)),
    Date.now(),
  );
  return { ...media, file };
}

/** What fetching and decrypting needs. @param {any} part @param {string | undefined} type @param {{ mime_type: string | null }} media */
function source(part, type, media) {
  return {
    type,
    mime_type: media.mime_type,
    url: part.url ?? null,
    direct_path: part.directPath ?? null,
    key: Buffer.from(part.mediaKey ?? []).toString('base64'),
  };
}
