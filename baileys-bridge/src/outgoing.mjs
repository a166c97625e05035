/** From the server's order to the library's message. Whatever fails here fails before anything was sent. */
import { generateWAMessage } from 'baileys';
import { fetchFile, OWN } from './fetching.mjs';
import { MEDIA_FETCH_MS } from './limits.mjs';
import { libraryLogger, makeLog } from './log.mjs';
import { Refusal } from './refusal.mjs';

/**
 * @typedef {object} Order spec 09, `POST /sessions/{business}/send`
 * @property {string} id letters and digits; becomes WhatsApp's own id of the message
 * @property {string} to
 * @property {string} kind
 * @property {string} [text]
 * @property {string} [media_url] a path of the server's, or an address on the public web
 * @property {string} [mime_type]
 * @property {string} [file_name]
 * @property {string} [caption]
 * @property {string} [reply_to] WhatsApp's id of the message that is answered
 * @property {string} [reply_to_text] what that message says: the bridge keeps no messages, and shows an empty quote without
 * @property {boolean} [reply_to_from_me] whether the business wrote it
 */

const TEXT_CHARACTERS = 65_536;

/** @type {Record<string, (file: Buffer, order: Order) => any>} */
const FILES = {
  image: (image, order) => ({ image, mimetype: order.mime_type, caption: order.caption }),
  video: (video, order) => ({ video, mimetype: order.mime_type, caption: order.caption }),
  audio: (audio, order) => ({ audio, mimetype: order.mime_type }),
  voice: (audio, order) => ({ audio, ptt: true, mimetype: order.mime_type ?? 'audio/ogg; codecs=opus' }),
  sticker: (sticker) => ({ sticker }),
  document: (document, order) => ({
    document,
    mimetype: order.mime_type ?? 'application/octet-stream',
    fileName: order.file_name ?? 'file',
    caption: order.caption,
  }),
};

/**
 * @param {any} body what the server sent, parsed
 * @returns {Order}
 */
export function readOrder(body) {
  const wrong = [
    !/^[A-Za-z0-9]{1,64}$/.test(body?.id ?? '') && 'id',
    typeof body?.to !== 'string' && 'to',
    !(body?.kind === 'text' || Object.hasOwn(FILES, body?.kind ?? '')) && 'kind',
    body?.kind === 'text' && !isText(body.text) && 'text',
    body?.kind !== 'text' && !isWebAddress(body?.media_url) && 'media_url',
    ['mime_type', 'file_name', 'caption', 'reply_to', 'reply_to_text'].find(
      (name) => !isOptionalText(body?.[name]),
    ),
  ].filter(Boolean);
  if (wrong.length > 0) throw new Refusal(422, 'invalid', `missing or malformed: ${wrong.join(', ')}`);
  const given = Object.entries(body).filter(([, value]) => value !== null);
  return /** @type {Order} */ (/** @type {unknown} */ (Object.fromEntries(given)));
}

/** @param {unknown} text */
const isText = (text) => typeof text === 'string' && text.length > 0 && text.length <= TEXT_CHARACTERS;
/** @param {unknown} text */
const isOptionalText = (text) =>
  text === undefined || text === null || (typeof text === 'string' && text.length <= TEXT_CHARACTERS);
/** @param {unknown} address */
const isWebAddress = (address) =>
  typeof address === 'string' &&
  (OWN.test(address) || (/^https?:\/\//.test(address) && URL.canParse(address)));

/**
 * @param {Order} order @param {string} chat
 * @param {{ socket: import('./library.mjs').Socket, serverUrl: string, signal: AbortSignal }} by
 * @returns {Promise<any>} the message, as it will be encrypted
 */
export async function compose(order, chat, { socket, serverUrl, signal }) {
  const content =
    order.kind === 'text'
      ? { text: order.text, linkPreview: null }
      : FILES[order.kind](await fetchFile(order.media_url ?? '', serverUrl, signal), order);
  const me = chat.endsWith('@lid') ? socket.user?.lid : socket.user?.id;
  try {
    const whole = await generateWAMessage(chat, /** @type {any} */ (content), {
      logger: /** @type {any} */ (libraryLogger(makeLog({ level: 'silent' }))),
      userJid: me ?? '',
      upload: socket.waUploadToServer,
      mediaUploadTimeoutMs: MEDIA_FETCH_MS,
      messageId: order.id,
      ...(order.reply_to ? { quoted: quotedBy(order, chat) } : {}),
    });
    return whole.message;
  } catch {
    throw new Refusal(503, 'busy', 'WhatsApp did not take the file');
  }
}

/** @param {Order} order @param {string} chat @returns {any} */
function quotedBy(order, chat) {
  return {
    key: { remoteJid: chat, id: order.reply_to, fromMe: Boolean(order.reply_to_from_me) },
    message: { conversation: order.reply_to_text ?? '' },
  };
}
