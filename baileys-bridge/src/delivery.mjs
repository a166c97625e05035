/**
 * Brings the journal to the server: each chat in its order, several chats at once, every event until it was taken.
 *
 * An event is delivered twice only when the server's answer to the first was lost; it carries the same id then.
 */
import { DELIVERIES_AT_ONCE, DELIVERY_BACKOFF_MS, DELIVERY_TIMEOUT_MS } from './limits.mjs';
import { reasonOf } from './log.mjs';
import { backoffMs } from './reconnect.mjs';
import { nonce, signedHeaders } from './signing.mjs';

const PATH = '/webhook/whatsapp/baileys';

/** Answers that say something about the server or our secret, not about this one event. */
const SERVER_TROUBLE = new Set([401, 403, 404, 408, 425, 429]);

/**
 * @typedef {object} Lane
 * @property {boolean} busy
 * @property {number} failures
 * @property {number} notBeforeMs
 *
 * @typedef {object} Route one business's way to the server
 * @property {Map<string, Lane>} lanes
 * @property {number} busy
 * @property {number} failures
 * @property {number} notBeforeMs
 * @property {NodeJS.Timeout} [timer]
 */

export class Delivery {
  /** @type {Map<number, Route>} */
  #routes = new Map();
  #stopped = false;
  /** @type {Set<Promise<void>>} */
  #running = new Set();

  /**
   * @param {object} parts
   * @param {string} parts.serverUrl
   * @param {string} parts.secret
   * @param {import('./media.mjs').Media} parts.media
   * @param {import('./log.mjs').Log} parts.log
   */
  constructor({ serverUrl, secret, media, log }) {
    this.serverUrl = serverUrl;
    this.secret = secret;
    this.media = media;
    this.log = log;
  }

  /** @param {import('./journal.mjs').Journal} journal with what an earlier process left in it */
  start(journal) {
    this.journal = journal;
    for (const { business, lane } of journal.lanes()) this.#lane(business, lane);
    for (const business of this.#routes.keys()) this.#pump(business);
  }

  /** There is something new. @param {number} business @param {string} lane */
  wake(business, lane) {
    this.#lane(business, lane);
    if (this.journal) queueMicrotask(() => this.#pump(business));
  }

  /** @param {number} business @param {string} lane */
  #lane(business, lane) {
    const route = this.#routes.get(business) ?? { lanes: new Map(), busy: 0, failures: 0, notBeforeMs: 0 };
    this.#routes.set(business, route);
    if (!route.lanes.has(lane)) route.lanes.set(lane, { busy: false, failures: 0, notBeforeMs: 0 });
  }

  /** @param {number} business */
  #pump(business) {
    const route = this.#routes.get(business);
    if (!route || this.#stopped) return;
    const now = Date.now();
    if (route.notBeforeMs > now) return this.#later(business, route, route.notBeforeMs - now);
    // After a failure one event asks for all whether the server is back.
    const most = route.failures > 0 ? 1 : DELIVERIES_AT_ONCE;
    let soonest = Number.POSITIVE_INFINITY;
    for (const [name, lane] of route.lanes) {
      if (route.busy >= most) return;
      if (lane.busy) continue;
      if (lane.notBeforeMs > now) soonest = Math.min(soonest, lane.notBeforeMs - now);
      else this.#begin(business, route, name, lane);
    }
    if (soonest < Number.POSITIVE_INFINITY) this.#later(business, route, soonest);
  }

  /** @param {number} business @param {Route} route @param {number} ms */
  #later(business, route, ms) {
    clearTimeout(route.timer);
    route.timer = setTimeout(() => this.#pump(business), ms);
  }

  /** @param {number} business @param {Route} route @param {string} name @param {Lane} lane */
  #begin(business, route, name, lane) {
    const entry = this.journal?.next(business, name);
    if (!entry) {
      route.lanes.delete(name);
      return;
    }
    lane.busy = true;
    route.busy += 1;
    const run = this.#deliver(entry, route, lane).finally(() => {
      lane.busy = false;
      route.busy -= 1;
      this.#running.delete(run);
      this.#pump(business);
    });
    this.#running.add(run);
  }

  /** @param {import('./journal.mjs').Entry} entry @param {Route} route @param {Lane} lane */
  async #deliver(entry, route, lane) {
    try {
      const status = await this.#post(entry);
      if (status < 300) return this.#taken(entry, route, lane);
      if (status < 500 && !SERVER_TROUBLE.has(status)) return this.#refused(entry, lane, status);
      throw new Error(`the server answered ${status}`);
    } catch (fault) {
      route.failures += 1;
      route.notBeforeMs = Date.now() + backoffMs(route.failures, DELIVERY_BACKOFF_MS);
      this.log.warn('an event could not be delivered', {
        business: entry.business,
        seq: entry.seq,
        fault: reasonOf(fault),
      });
    }
  }

  /** @param {import('./journal.mjs').Entry} entry @param {Route} route @param {Lane} lane */
  #taken(entry, route, lane) {
    this.journal?.taken(entry.seq);
    Object.assign(lane, { failures: 0, notBeforeMs: 0 });
    Object.assign(route, { failures: 0, notBeforeMs: 0 });
  }

  /** The server does not want this one; what comes after it in the chat waits, the other chats do not. */
  #refused(
    /** @type {import('./journal.mjs').Entry} */ entry,
    /** @type {Lane} */ lane,
    /** @type {number} */ status,
  ) {
    lane.failures += 1;
    lane.notBeforeMs = Date.now() + backoffMs(lane.failures, DELIVERY_BACKOFF_MS);
    this.log.error('the server refuses an event', {
      business: entry.business,
      seq: entry.seq,
      event: entry.event,
      status,
    });
  }

  /** @param {import('./journal.mjs').Entry} entry @returns {Promise<number>} */
  async #post({ business, event, data }) {
    const target = new URL(`${PATH}?n=${nonce()}`, this.serverUrl);
    const body = JSON.stringify({ business_id: business, event, data: this.#withAddress(data) });
    const signed = { method: 'POST', target: target.pathname + target.search, body };
    const response = await fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signedHeaders(this.secret, signed) },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(DELIVERY_TIMEOUT_MS),
    });
    await response.arrayBuffer();
    return response.status < 200 || (response.status >= 300 && response.status < 400) ? 502 : response.status;
  }

  /** The address of a file is made when it is told, so that it holds for long enough from then on. @param {any} data */
  #withAddress(data) {
    if (!data.media?.file) return data;
    const { file, ...media } = data.media;
    return { ...data, media: { url: this.media.url(file), ...media } };
  }

  /** What is on its way is waited for; what is not stays in the journal. */
  async stop() {
    this.#stopped = true;
    for (const route of this.#routes.values()) clearTimeout(route.timer);
    await Promise.allSettled([...this.#running]);
  }
}
