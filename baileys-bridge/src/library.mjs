/** Everything that is asked of the library when a connection is made, and what is listened to on it. */
import { fetchLatestWaWebVersion, makeCacheableSignalKeyStore, makeWASocket, WA_CERT_DETAILS } from 'baileys';
import { isIgnored } from './jids.mjs';
import { libraryLogger } from './log.mjs';
import { carefulRepository } from './signal.mjs';

/**
 * @typedef {ReturnType<typeof makeWASocket>} Socket
 * @typedef {import('./settings.mjs').StandIn} StandIn
 */

/** The name under «linked devices» on the phone. */
const DEVICE = /** @type {[string, string, string]} */ (['AgentLocator', 'Chrome', '1.0.0']);

/** A connection ended when nothing came for this long and five seconds. */
const KEEP_ALIVE_MS = 30_000;

/**
 * @param {object} options
 * @param {{ creds: any, keys: import('baileys').SignalKeyStore }} options.auth
 * @param {import('./log.mjs').Log} options.log
 * @param {StandIn | null} options.standIn
 * @param {[number, number, number] | null} options.version null: the one that the library brings
 * @param {import('baileys').CacheStore} options.retries outlives the connection
 * @param {(id: string) => any} options.sentMessage what was sent under an id, or undefined
 * @param {(message: any) => void} options.beforeEncryption
 * @param {import('./signal.mjs').Decrypted} options.decrypted
 * @returns {Socket}
 */
export function openSocket({
  auth,
  log,
  standIn,
  version,
  retries,
  sentMessage,
  beforeEncryption,
  decrypted,
}) {
  const logger = /** @type {any} */ (libraryLogger(log));
  const keys = makeCacheableSignalKeyStore(auth.keys, logger);
  return makeWASocket({
    auth: { creds: auth.creds, keys },
    logger,
    browser: DEVICE,
    keepAliveIntervalMs: KEEP_ALIVE_MS,
    // The owner's phone goes on ringing.
    markOnlineOnConnect: false,
    syncFullHistory: false,
    shouldSyncHistoryMessage: () => false,
    shouldIgnoreJid: (jid) => isIgnored(jid),
    // An empty message instead of undefined would leave the other side «waiting for this message» for ever.
    getMessage: async (key) => sentMessage(key.id ?? ''),
    cachedGroupMetadata: async () => undefined,
    msgRetryCounterCache: retries,
    generateHighQualityLinkPreview: false,
    emitOwnEvents: false,
    makeSignalRepository: (...parts) => carefulRepository(parts, auth.keys, decrypted),
    patchMessageBeforeSending: (message) => {
      beforeEncryption(message);
      return message;
    },
    ...(version ? { version } : {}),
    ...(standIn ? standInOptions(standIn) : {}),
  });
}

/** @param {StandIn} standIn */
function standInOptions({ socketUrl, certificateKey }) {
  if (certificateKey) WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(certificateKey, 'hex');
  return { waWebSocketUrl: socketUrl };
}

/**
 * @typedef {object} Listener
 * @property {(update: Partial<import('baileys').ConnectionState>) => void} connection
 * @property {() => void} creds
 * @property {(messages: any[], backlog: boolean) => void} messages
 * @property {(updates: any[]) => void} updates
 * @property {(node: import('baileys').BinaryNode) => void} arrival a message's frame, before it is decrypted
 * @property {(node: import('baileys').BinaryNode) => void} ack
 * @property {() => void} alive
 */

/**
 * Messages and updates are taken where the library emits them and not from its event buffer: by then it has told the
 * sender that they were received, and the buffer is thrown away when the connection ends.
 * @param {Socket} socket @param {Listener} hear
 */
export function listen(socket, hear) {
  const emit = socket.ev.emit.bind(socket.ev);
  socket.ev.emit = (event, data) => {
    const said = /** @type {any} */ (data);
    if (event === 'messages.upsert') hear.messages(said.messages, said.type === 'append');
    if (event === 'messages.update') hear.updates(said);
    return emit(event, data);
  };
  socket.ev.on('connection.update', hear.connection);
  socket.ev.on('creds.update', hear.creds);
  const ws = /** @type {import('node:events').EventEmitter} */ (/** @type {unknown} */ (socket.ws));
  ws.prependListener('CB:message', hear.arrival);
  ws.prependListener('CB:ack,class:message', hear.ack);
  ws.on('frame', hear.alive);
}

/** What WhatsApp's own page says it is; null when it cannot be asked. @returns {Promise<[number, number, number] | null>} */
export async function presentVersion() {
  const { version, error } = await fetchLatestWaWebVersion();
  return error ? null : /** @type {[number, number, number]} */ (version);
}

const RETRIES_KEPT_MS = 3600_000;
const RETRIES_MOST = 5_000;

/**
 * How often each message was asked for again. It belongs to the process and not to a connection, or a message that
 * cannot be read would be asked for again after each reconnection.
 * @returns {import('baileys').CacheStore}
 */
export function retryCounts() {
  /** @type {Map<string, { value: any, at: number }>} */
  const kept = new Map();
  return {
    get: (key) => {
      const entry = kept.get(key);
      return entry && entry.at > Date.now() - RETRIES_KEPT_MS ? entry.value : undefined;
    },
    set: (key, value) => {
      kept.delete(key);
      kept.set(key, { value, at: Date.now() });
      const [oldest] = kept.keys();
      if (kept.size > RETRIES_MOST) kept.delete(oldest);
    },
    del: (key) => void kept.delete(key),
    flushAll: () => kept.clear(),
  };
}
