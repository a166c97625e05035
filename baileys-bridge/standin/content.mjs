/**
 * Contents of messages: from a test's words to WhatsApp's protobuf (`WAProto`), and back to something that a test can
 * look at.
 */
import { proto } from './library.mjs';

/** A field that no version of the protocol has, so that nothing is readable in it. */
const UNKNOWN_MESSAGE = Buffer.from([0xba, 0xfa, 0x01, 0x03, 0x01, 0x02, 0x03]);

const DEFAULT_MIME = {
  image: 'image/jpeg',
  video: 'video/mp4',
  audio: 'audio/mpeg',
  voice: 'audio/ogg; codecs=opus',
  document: 'application/pdf',
  sticker: 'image/webp',
};

/**
 * @param {object} wanted what is written; `kind` is one of the keys of `KINDS`, or `message` holds protobuf as JSON
 * @param {{ business: Person, contact: Person, writer: Person }} people
 */
export async function messageOf(server, wanted, people) {
  const build = KINDS[wanted.kind ?? 'text'];
  if (!build && !wanted.message) throw new Error(`no such kind: ${wanted.kind}`);
  const message = wanted.message
    ? proto.Message.fromObject(wanted.message)
    : await build(wanted, people, server);
  return wanted.wrap ? { [wanted.wrap]: { message } } : message;
}

/** `{ quote: { id, text, by } }`: the message that is answered, by `business` (default) or `contact`. */
function contextOf({ quote }, { business, contact }) {
  if (!quote) return undefined;
  const author = quote.by === 'contact' ? contact : business;
  return { stanzaId: quote.id, participant: author.jid, quotedMessage: { conversation: quote.text ?? '' } };
}

/** The name of an older message in the writer's eyes. */
function keyOf(id, by, { business, contact, writer }) {
  const author = by === 'business' ? business : contact;
  const other = writer === contact ? business : contact;
  return { remoteJid: other.jid, fromMe: author === writer, id };
}

function ownKey(id, people) {
  return keyOf(id, people.writer === people.business ? 'business' : 'contact', people);
}

const media =
  (kind, field, more = () => ({})) =>
  async (wanted, people, server) => {
    const bytes =
      wanted.base64 === undefined
        ? Buffer.from(`${kind} of the stand-in`)
        : Buffer.from(wanted.base64, 'base64');
    const file = server.media.put(kind, bytes, wanted.fault);
    const mimetype = wanted.mime_type ?? DEFAULT_MIME[kind];
    return { [field]: { ...file, mimetype, contextInfo: contextOf(wanted, people), ...more(wanted) } };
  };

const KINDS = {
  text: (wanted, people) => {
    const text = wanted.text ?? 'שלום';
    const contextInfo = contextOf(wanted, people);
    return contextInfo ? { extendedTextMessage: { text, contextInfo } } : { conversation: text };
  },
  image: media('image', 'imageMessage', ({ caption }) => ({ caption })),
  video: media('video', 'videoMessage', ({ caption, seconds }) => ({ caption, seconds })),
  audio: media('audio', 'audioMessage', ({ seconds = 3 }) => ({ seconds, ptt: false })),
  voice: media('voice', 'audioMessage', ({ seconds = 3 }) => ({ seconds, ptt: true })),
  document: media('document', 'documentMessage', ({ caption, file_name: fileName = 'file.pdf' }) => ({
    caption,
    fileName,
    title: fileName,
  })),
  sticker: media('sticker', 'stickerMessage', ({ animated = false }) => ({ isAnimated: animated })),
  location: ({ latitude = 32.0853, longitude = 34.7818, name, address }) => ({
    locationMessage: { degreesLatitude: latitude, degreesLongitude: longitude, name, address },
  }),
  contacts: ({ contacts = [{ name: 'דנה כהן', phones: ['+972501234567'] }] }) => {
    const cards = contacts.map(({ name, phones }) => ({ displayName: name, vcard: vcard(name, phones) }));
    if (cards.length === 1) return { contactMessage: cards[0] };
    return { contactsArrayMessage: { displayName: `${cards.length} contacts`, contacts: cards } };
  },
  reaction: ({ target, emoji = '👍', by = 'business' }, people) => ({
    reactionMessage: { key: keyOf(target, by, people), text: emoji, senderTimestampMs: Date.now() },
  }),
  edit: ({ target, text }, people) => ({
    protocolMessage: {
      key: ownKey(target, people),
      type: proto.Message.ProtocolMessage.Type.MESSAGE_EDIT,
      editedMessage: { conversation: text },
      timestampMs: Date.now(),
    },
  }),
  revoke: ({ target }, people) => ({
    protocolMessage: { key: ownKey(target, people), type: proto.Message.ProtocolMessage.Type.REVOKE },
  }),
  button: (wanted, people) => ({
    buttonsResponseMessage: {
      selectedButtonId: wanted.choice ?? 'yes',
      selectedDisplayText: wanted.text ?? 'כן',
      type: 1,
      contextInfo: contextOf(wanted, people),
    },
  }),
  list: (wanted, people) => ({
    listResponseMessage: {
      title: wanted.text ?? 'שורה',
      listType: 1,
      singleSelectReply: { selectedRowId: wanted.choice ?? 'row-1' },
      contextInfo: contextOf(wanted, people),
    },
  }),
  template_button: (wanted, people) => ({
    templateButtonReplyMessage: {
      selectedId: wanted.choice ?? 'yes',
      selectedDisplayText: wanted.text ?? 'כן',
      selectedIndex: 0,
      contextInfo: contextOf(wanted, people),
    },
  }),
  order: ({ order_id: orderId = 'order-1', text = 'הזמנה' }) => ({
    orderMessage: { orderId, itemCount: 1, message: text, orderTitle: text, status: 1, surface: 1 },
  }),
  poll: ({ text = 'מתי?', options = ['היום', 'מחר'] }) => ({
    pollCreationMessage: {
      name: text,
      options: options.map((optionName) => ({ optionName })),
      selectableOptionsCount: 1,
    },
  }),
  unknown: () => UNKNOWN_MESSAGE,
};

export const kinds = Object.keys(KINDS);

function vcard(name, phones) {
  const lines = phones.map((phone) => `TEL;type=CELL;waid=${phone.replace(/\D/g, '')}:${phone}`);
  return ['BEGIN:VCARD', 'VERSION:3.0', `FN:${name}`, `N:;${name};;;`, ...lines, 'END:VCARD'].join('\n');
}

const MEDIA_FIELDS = ['imageMessage', 'videoMessage', 'audioMessage', 'documentMessage', 'stickerMessage'];

export function isMediaMessage(message) {
  return MEDIA_FIELDS.some((field) => message[field]);
}

/** What a person would read in it, of which kind it is, and the file that came with it. */
export function summary(message) {
  const [kind] = Object.keys(message).filter((field) => message[field] && field !== 'messageContextInfo');
  const inner = message[kind];
  const file = MEDIA_FIELDS.includes(kind) ? inner : undefined;
  const text = typeof inner === 'string' ? inner : (inner?.text ?? inner?.caption ?? '');
  return {
    kind,
    text,
    quoted: inner?.contextInfo?.stanzaId,
    mime_type: file?.mimetype,
    file_name: file?.fileName ?? undefined,
    voice: file?.ptt ?? undefined,
  };
}

/** Protobuf as JSON: bytes in base64, long numbers as numbers, absent fields left out. */
export function plain(value) {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value.toNumber === 'function') return value.toNumber();
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== null && one !== undefined)
      .map(([name, one]) => [name, plain(one)]),
  );
}
