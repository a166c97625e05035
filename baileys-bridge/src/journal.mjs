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
