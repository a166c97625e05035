/** Puts the parts together and ends them in order. */
import { once } from 'node:events';
import { Arrivals } from './arrivals.mjs';
import { linkedBusinesses } from './auth.mjs';
import { Delivery } from './delivery.mjs';
import { makeServer, Replays } from './http.mjs';
import { Journal } from './journal.mjs';
import { retryCounts } from './library.mjs';
import {
  KNOWN_KEPT_MS,
  MEDIA_KEPT_MS,
  PAYLOADS_KEPT_MS,
  PRUNE_MS,
  SEEN_KEPT_MS,
  SENDS_KEPT_MS,
} from './limits.mjs';
import { Media } from './media.mjs';
import { Sends } from './sends.mjs';
import { Session } from './session.mjs';
import { openStores } from './store.mjs';

/**
 * @typedef {object} Context what a session works with
 * @property {import('./settings.mjs').Settings} settings
 * @property {import('./log.mjs').Log} log
 * @property {import('./store.mjs').Store} store
 * @property {Journal} journal
 * @property {Arrivals} arrivals
 * @property {Sends} sends
 * @property {import('baileys').CacheStore} retries
 * @property {number} [diskProbeMs]
 */

/** The bridge listens where only this machine reaches it. */
const ADDRESS = '127.0.0.1';

export class Bridge {
  /** @type {Map<number, Session>} */
  #sessions = new Map();
  #stores;
  #server;
  #delivery;
  #timer;
  #port = 0;

  /**
   * @param {import('./settings.mjs').Settings} settings
   * @param {import('./log.mjs').Log} log
   * @param {{ diskProbeMs?: number }} [more]
   */
  constructor(settings, log, more = {}) {
    this.settings = settings;
    this.log = log;
    this.#stores = openStores(settings.folder);
    const { bridge: store, notes } = this.#stores;
    const secret = settings.secret ?? '';
    this.replays = new Replays(notes);
    this.media = new Media(store, { secret, base: () => this.url, standIn: settings.standIn });
    this.#delivery = new Delivery({ serverUrl: settings.serverUrl, secret, media: this.media, log });
    const journal = new Journal(store, (business, lane) => this.#delivery.wake(business, lane));
    const [arrivals, sends] = [new Arrivals(notes, store), new Sends(store)];
    /** @type {Context} */
    this.context = { settings, log, store, journal, arrivals, sends, retries: retryCounts(), ...more };
    this.#server = makeServer(this);
    this.#timer = setInterval(() => this.prune(), PRUNE_MS);
  }

  get url() {
    return `http://${ADDRESS}:${this.#port}`;
  }

  /** Listens first, so that a second bridge on the same port ends before it touches a session. */
  async start() {
    this.#server.listen(this.settings.port, ADDRESS);
    await once(this.#server, 'listening');
    this.#port = /** @type {import('node:net').AddressInfo} */ (this.#server.address()).port;
    if (this.settings.secret === null) {
      this.log.warn(
        'WA_SHARED_SECRET is not set and none is made up: the bridge connects nothing and answers /health only',
      );
      return;
    }
    const { sends, journal, store } = this.context;
    for (const business of sends.businessesSending()) this.session(business).sender.doubt();
    this.#delivery.start(journal);
    for (const business of linkedBusinesses(store)) this.session(business).start();
    this.prune();
  }

  /** @param {number} business */
  session(business) {
    const session = this.#sessions.get(business) ?? new Session(this.context, business);
    this.#sessions.set(business, session);
    return session;
  }

  /** Removes what has had its time. */
  prune() {
    const { store } = this.context;
    const now = Date.now();
    this.context.arrivals.prune(now - SEEN_KEPT_MS);
    store.run('DELETE FROM seen WHERE at < ?', now - SEEN_KEPT_MS);
    store.run('DELETE FROM media WHERE at < ?', now - MEDIA_KEPT_MS);
    store.run('DELETE FROM known WHERE at < ?', now - KNOWN_KEPT_MS);
    store.run('DELETE FROM sends WHERE at < ?', now - SENDS_KEPT_MS);
    store.run('UPDATE sends SET payload = NULL WHERE at < ? AND payload IS NOT NULL', now - PAYLOADS_KEPT_MS);
  }

  /** What is under way is ended; nothing is logged out, and the journal keeps what was not delivered. */
  async stop() {
    clearInterval(this.#timer);
    this.#server.close();
    this.#server.closeIdleConnections();
    await Promise.all([...this.#sessions.values()].map((session) => session.stop()));
    await this.#delivery.stop();
    this.#server.closeAllConnections();
    this.#stores.close();
  }
}
