/**
 * What a message says, in the words of the server. Pure: from the library's message object to `{kind, text, …}`.
 *
 * The kinds are those of spec 09. What changes an older message names it: `edits`, `deletes`, `reaction`. `null` is what
 * no person wrote (keys, settings, the library's own housekeeping).
 */
import { BufferJSON, normalizeMessageContent, proto } from 'baileys';
import { RAW_CHARACTERS } from './limits.mjs';

/**
 * @typedef {object} Content
 * @property {string} kind
 * @property {string} [text]
 * @property {{ mime_type: string | null, size: number | null, file_name: string | null, sha256: string | null }} [media]
 * @property {string} [reply_to]
 * @property {{ message_id: string, emoji: string }} [reaction] an empty emoji takes it back
 * @property {{ message_id: string }} [edits]
 * @property {{ message_id: string }} [deletes]
 * @property {{ latitude: number, longitude: number, name: string | null, address: string | null }} [location]
 * @property {Array<{ name: string, phones: string[] }>} [contacts]
 * @property {string} [choice] the id behind a button or a row
 * @property {unknown} [raw]
 */

/** The library's types of files, by the field that holds one. */
const MEDIA = /** @type {const} */ ({
  imageMessage: 'image',
  videoMessage: 'video',
  ptvMessage: 'video',
  audioMessage: 'audio',
  documentMessage: 'document',
  stickerMessage: 'sticker',
});

/** Keys, and no message at all. */
const KEYS_ONLY = 'senderKeyDistributionMessage';

/** Fields beside the message proper; with these alone a message is of a kind that the library does not know yet. */
const BESIDE = new Set(['messageContextInfo', 'senderKeyDistributionMessage', 'deviceSentMessage']);

const Protocol = proto.Message.ProtocolMessage.Type;

/** @type {Record<string, (part: any, message: any) => Content | null>} */
const READERS = {
  conversation: (text) => ({ kind: 'text', text }),
  extendedTextMessage: (part) => ({ kind: 'text', text: part.text ?? '' }),
  imageMessage: (part) => file('image', part, part.caption),
  videoMessage: (part) => file('video', part, part.caption),
  ptvMessage: (part) => file('video', part, part.caption),
  audioMessage: (part) => file(part.ptt ? 'voice' : 'audio', part),
  documentMessage: (part) => file('document', part, part.caption),
  stickerMessage: (part) => file('sticker', part),
  locationMessage: (part) => location(part),
  liveLocationMessage: (part) => location(part),
  contactMessage: (part) => contacts([part]),
  contactsArrayMessage: (part) => contacts(part.contacts ?? []),
  buttonsResponseMessage: (part) => chosen(part.selectedButtonId, part.selectedDisplayText),
  templateButtonReplyMessage: (part) => chosen(part.selectedId, part.selectedDisplayText),
  listResponseMessage: (part) => chosen(part.singleSelectReply?.selectedRowId, part.title),
  interactiveResponseMessage: (part) => chosen(flowId(part.nativeFlowResponseMessage), part.body?.text),
  reactionMessage: (part) => ({
    kind: 'reaction',
    text: part.text ?? '',
    reaction: { message_id: part.key?.id ?? '', emoji: part.text ?? '' },
  }),
  orderMessage: (part, message) => ({
    kind: 'order',
    text: part.message || part.orderTitle || '',
    raw: raw(message),
  }),
  protocolMessage: (part) => protocol(part),
};

/**
 * @param {proto.IMessage | null | undefined} message
 * @returns {Content | null}
 */
export function contentOf(message) {
  const whole = normalizeMessageContent(message);
  if (!whole) return null;
  const names = Object.keys(whole).filter((name) => !BESIDE.has(name) && present(whole, name));
  if (names.length === 0) return present(whole, KEYS_ONLY) ? null : unsupported(whole);
  const name = names.find((known) => Object.hasOwn(READERS, known)) ?? names[0];
  const part = /** @type {any} */ (whole)[name];
  const content = Object.hasOwn(READERS, name) ? READERS[name](part, whole) : unsupported(whole);
  if (!content) return null;
  const quoted = part?.contextInfo?.stanzaId;
  return quoted ? { ...content, reply_to: quoted } : content;
}

/** @param {any} message @param {string} name */
function present(message, name) {
  return message[name] !== null && message[name] !== undefined && typeof message[name] !== 'function';
}

/** @param {proto.IMessage} message @returns {Content} */
export function unsupported(message) {
  return { kind: 'unsupported', raw: raw(message) };
}

/** The field that holds a file, or null. @param {proto.IMessage | null | undefined} message */
export function mediaOf(message) {
  const whole = /** @type {any} */ (normalizeMessageContent(message));
  const name = Object.keys(MEDIA).find((field) => whole?.[field]);
  return name ? { part: whole[name], type: MEDIA[/** @type {keyof typeof MEDIA} */ (name)] } : null;
}

/** @param {string} kind @param {any} part @param {string | null} [caption] @returns {Content} */
function file(kind, part, caption) {
  const size = Number(part.fileLength ?? 0);
  return {
    kind,
    ...(caption ? { text: caption } : {}),
    media: {
      mime_type: part.mimetype || null,
      size: Number.isSafeInteger(size) && size > 0 ? size : null,
      file_name: part.fileName || part.title || null,
      sha256: part.fileSha256?.length ? Buffer.from(part.fileSha256).toString('hex') : null,
    },
  };
}

/** @param {any} part @returns {Content} */
function location(part) {
  return {
    kind: 'location',
    ...(part.caption || part.comment ? { text: part.caption || part.comment } : {}),
    location: {
      latitude: part.degreesLatitude ?? 0,
      longitude: part.degreesLongitude ?? 0,
      name: part.name || null,
      address: part.address || null,
    },
  };
}

/** @param {Array<{ displayName?: string, vcard?: string }>} cards @returns {Content} */
function contacts(cards) {
  const people = cards.map((card) => ({
    name: card.displayName ?? '',
    phones: vcardPhones(card.vcard ?? ''),
  }));
  return { kind: 'contacts', text: people.map((person) => person.name).join(', '), contacts: people };
}

/** The phones of a vCard: WhatsApp's own digits where it names them (`waid`), else as written. @param {string} vcard */
export function vcardPhones(vcard) {
  const lines = vcard.replace(/\r?\n[ \t]/g, '').split(/\r?\n/);
  return lines.flatMap((line) => {
    const match = /^(?:item\d+\.)?TEL([^:]*):(.*)$/i.exec(line);
    if (!match) return [];
    const waid = /waid=(\d+)/i.exec(match[1])?.[1];
    const phone = waid ? `+${waid}` : match[2].trim();
    return phone ? [phone] : [];
  });
}

/** @param {string | null | undefined} id @param {string | null | undefined} title @returns {Content} */
function chosen(id, title) {
  return { kind: 'interactive', text: title || id || '', ...(id ? { choice: id } : {}) };
}

/** @param {any} flow */
function flowId(flow) {
  try {
    return JSON.parse(flow?.paramsJson ?? '{}').id ?? flow?.name ?? null;
  } catch {
    return flow?.name ?? null;
  }
}

/** @param {any} part @returns {Content | null} */
function protocol(part) {
  const id = part.key?.id;
  if (part.type === Protocol.REVOKE && id) return { kind: 'system', deletes: { message_id: id } };
  if (part.type !== Protocol.MESSAGE_EDIT || !id) return null;
  const edited = contentOf(part.editedMessage) ?? { kind: 'unsupported' };
  return { ...edited, edits: { message_id: id } };
}

/** The message itself, for those who want to read what we do not; what is too long keeps the names of its parts. */
function raw(/** @type {object} */ message) {
  const text = JSON.stringify(message, BufferJSON.replacer);
  return text.length <= RAW_CHARACTERS
    ? JSON.parse(text)
    : { too_long: text.length, parts: Object.keys(message) };
}
