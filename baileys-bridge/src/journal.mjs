/**
 * Events on their way to the server, and what may be told about those that never got there.
 *
 * An event is written here first and removed when the server has taken it. A lane is what keeps its order: a chat, or
 * the connection.
 */

/** @typedef {import('./store.mjs').Store} Store */
/** @typedef {{ seq: number, business: number, lane: string, event: string, data: any }} Entry */

export const LINK_LANE = 'link';

export class Journal {
  #store;
  #onNew;

  /** @param {Store} store @param {(business: number, lane: string) => void} onNew called after the commit */
  constructor(store, onNew) {
    this.#store = store;
    this.#onNew = onNew;
  }

  /**
   * Several entries at once, with whatever else belongs into the same transaction.
   * @template T @param {(add: (business: number, lane: string, event: string, data: object) => void) => T} work
   */
  write(work) {
    /** @type {Array<[number, string]>} */
    const added = [];
    const result = this.#store.atomically(() =>
      work((business, lane, event, data) => {
        this.#store.run(
          'INSERT INTO journal (business, lane, event, data, at) VALUES (?, ?, ?, ?, ?)',
          business,
          lane,
          event,
          JSON.stringify(data),
          Date.now(),
        );
        added.push([business, lane]);
      }),
    );
    for (const [business, lane] of added) this.#onNew(business, lane);
    return result;
  }

  /** The oldest of a lane. @param {number} business @param {string} lane @returns {Entry | null} */
  next(business, lane) {
    const row = this.#store.get(
      'SELECT seq, business, lane, event, data FROM journal WHERE business = ? AND lane = ? ORDER BY seq LIMIT 1',
      business,
      lane,
    );
    return row ? { ...row, data: JSON.parse(row.data) } : null;
  }

  /** @param {number} seq */
  taken(seq) {
    this.#store.run('DELETE FROM journal WHERE seq = ?', seq);
  }

  /** Every lane with something in it. @returns {Array<{ business: number, lane: string }>} */
  lanes() {
    return this.#store.all('SELECT business, lane FROM journal GROUP BY business, lane ORDER BY min(seq)');
  }

  /** @param {number} business @returns {number} */
  waiting(business) {
    return this.#store.get('SELECT count(*) AS n FROM journal WHERE business = ?', business).n;
  }
}

/**
 * Messages that came in from WhatsApp and were not yet dealt with. Written when the frame comes, before the library has
 * told the sender that it was received; what is still here after a crash, and does not come again, is lost.
 */
export class Arrivals {
  #notes;
  #store;

  /** @param {Store} notes @param {Store} store */
  constructor(notes, store) {
    this.#notes = notes;
    this.#store = store;
  }

  /** @param {number} business @param {string} id */
  came(business, id) {
    this.#notes.run(
      'INSERT OR IGNORE INTO arrivals (business, id, at) VALUES (?, ?, ?)',
      business,
      id,
      Date.now(),
    );
  }

  /** @param {number} business @param {string} id */
  done(business, id) {
    this.#notes.run('DELETE FROM arrivals WHERE business = ? AND id = ?', business, id);
  }

  /**
   * Counts those that came before `beforeMs` and were never dealt with, once each.
   * @param {number} business @param {number} beforeMs @returns {number} how many were newly counted
   */
  countLost(business, beforeMs) {
    const old = this.#notes.get(
      'SELECT count(*) AS n FROM arrivals WHERE business = ? AND at < ?',
      business,
      beforeMs,
    ).n;
    if (old === 0) return 0;
    this.#store.run(
      `INSERT INTO sessions (business, lost) VALUES (?, ?)
       ON CONFLICT (business) DO UPDATE SET lost = lost + excluded.lost`,
      business,
      old,
    );
    this.#notes.run('DELETE FROM arrivals WHERE business = ? AND at < ?', business, beforeMs);
    return old;
  }

  /** @param {number} business @returns {number} since the bridge was set up */
  lost(business) {
    return this.#store.get('SELECT lost FROM sessions WHERE business = ?', business)?.lost ?? 0;
  }
}
