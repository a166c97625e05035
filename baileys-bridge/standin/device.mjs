/**
 * The unmodified library as a linked device, with its credentials in memory: what the stand-in's own tests drive, and
 * the least that a client must do. Not a model for a bridge: it keeps everything and journals nothing.
 */
import baileys, { BufferJSON, initAuthCreds, makeCacheableSignalKeyStore, WA_CERT_DETAILS } from 'baileys';

const QUIET = {
  level: 'silent',
  child: () => QUIET,
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
};
const LOUD = { ...QUIET, child: () => LOUD, warn: print, error: print };

function print(...words) {
  process.stderr.write(`${JSON.stringify(words, (_key, value) => value?.stack ?? value)}\n`);
}

/** A key store in memory. Values are kept as they are. */
function memoryKeys(kept = new Map()) {
  return {
    kept,
    get: async (type, ids) =>
      Object.fromEntries(ids.map((id) => [id, kept.get(`${type} ${id}`)]).filter(([, it]) => it)),
    set: async (data) => {
      for (const [type, entries] of Object.entries(data)) {
        for (const [id, value] of Object.entries(entries)) {
          if (value === null || value === undefined) kept.delete(`${type} ${id}`);
          else kept.set(`${type} ${id}`, value);
        }
      }
    },
  };
}

export class Device {
  creds = initAuthCreds();
  keys = memoryKeys();
  /** All that the library told, in order: `[event, payload]`. */
  events = [];
  sock = null;
  #watchers = new Set();

  /** @param {import('./standin.mjs').StandIn} standIn */
  constructor(standIn, options = {}) {
    this.standIn = standIn;
    this.options = options;
    WA_CERT_DETAILS.PUBLIC_KEY = standIn.identity.rootPublicKey;
  }

  /** Opens a connection. After a 515 it opens the next by itself, as every client must. */
  connect() {
    const logger = process.env.STANDIN_LOG ? LOUD : QUIET;
    this.sock = baileys({
      auth: { creds: this.creds, keys: makeCacheableSignalKeyStore(this.keys, logger) },
      waWebSocketUrl: this.standIn.url,
      logger,
      markOnlineOnConnect: false,
      syncFullHistory: false,
      shouldSyncHistoryMessage: () => false,
      // Queries that a closed socket leaves behind hold the process for so long.
      defaultQueryTimeoutMs: 5000,
      getMessage: async () => undefined,
      ...this.options,
    });
    this.sock.ev.process((events) => this.#take(events));
    this.sock.ws.on('CB:ack,class:message', ({ attrs }) => this.#note('ack', attrs));
    return this;
  }

  #take(events) {
    if (events['creds.update']) Object.assign(this.creds, events['creds.update']);
    for (const [name, payload] of Object.entries(events)) this.#note(name, payload);
    const update = events['connection.update'];
    if (update?.connection === 'close' && this.lastCode === 515) this.connect();
  }

  #note(name, payload) {
    this.events.push([name, payload]);
    for (const look of this.#watchers) look();
  }

  /** Payloads of one event. */
  of(name) {
    return this.events.filter(([one]) => one === name).map(([, payload]) => payload);
  }

  get updates() {
    return this.of('connection.update');
  }

  get lastCode() {
    return this.updates.findLast(({ lastDisconnect }) => lastDisconnect)?.lastDisconnect.error?.output
      ?.statusCode;
  }

  get qr() {
    return this.updates.findLast(({ qr }) => qr)?.qr;
  }

  /** Messages that came, with the type of the event in which they did. */
  get messages() {
    return this.of('messages.upsert').flatMap(({ messages, type }) =>
      messages.map((one) => ({ ...one, upsert: type })),
    );
  }

  /**
   * What became of a message. A status that comes before the echo of the own message was told is told in the echo, and
   * of several that wait together only the last (`append` and `consolidateEvents` in the library's event buffer).
   */
  statusesOf(id) {
    const told = { 'messages.upsert': ({ messages }) => messages, 'messages.update': (updates) => updates };
    return this.events
      .flatMap(([name, payload]) => told[name]?.(payload) ?? [])
      .filter(({ key }) => key.id === id)
      .map(({ status, update }) => update?.status ?? status)
      .filter((status) => status !== undefined);
  }

  until(look, waitMs = 15_000) {
    return new Promise((resolve, reject) => {
      const finish = (settle, value) => {
        clearTimeout(timer);
        this.#watchers.delete(again);
        settle(value);
      };
      const again = () => {
        const found = look(this);
        if (found) finish(resolve, found);
      };
      const timer = setTimeout(() => finish(reject, new Error(`waited ${waitMs} ms: ${look}`)), waitMs);
      this.#watchers.add(again);
      again();
    });
  }

  /** Ready: signed in, and the backlog is through. */
  ready() {
    return this.until(() => {
      const last = this.updates.findLastIndex(({ connection }) => connection === 'connecting');
      const since = this.updates.slice(last);
      return (
        since.some(({ connection }) => connection === 'open') &&
        since.some((it) => it.receivedPendingNotifications)
      );
    });
  }

  /** Credentials and keys as they are now, to be put back later. */
  save() {
    return JSON.stringify({ creds: this.creds, keys: [...this.keys.kept] }, BufferJSON.replacer);
  }

  restore(saved) {
    const { creds, keys } = JSON.parse(saved, BufferJSON.reviver);
    this.creds = creds;
    this.keys = memoryKeys(new Map(keys));
  }

  close() {
    return this.sock?.end(undefined);
  }
}

/** A device that is linked to `phone` by a scanned code, and ready. */
export async function linkedDevice(standIn, { phone, name = 'עסק', ...options }) {
  const device = new Device(standIn, options).connect();
  const qr = await device.until(() => device.qr);
  await standIn.scan({ qr, phone, name });
  await device.ready();
  return device;
}
