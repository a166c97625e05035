/**
 * Every message that was sent, by our own id. A row is written before the frame is, and decides that a repeat is the same
 * message. A row that says `sending` when the process starts belonged to one that died: whether the frame left nobody
 * knows, so it becomes `unknown` and is never sent again.
 */
import { proto } from 'baileys';

/** @typedef {import('./store.mjs').Store} Store */
/** @typedef {'sending' | 'unknown' | 'sent' | 'delivered' | 'read' | 'played' | 'failed'} State */
/** @typedef {{ id: string, state: State, code: string | null }} Send */

const RANK = { sending: 1, unknown: 1, failed: 2, sent: 2, delivered: 3, read: 4, played: 5 };

/**
 * Whether a message in the one state may go to the other: only forward; `failed` only before it was delivered, and what
 * was delivered after all wins over it.
 * @param {State} from @param {State} to
 */
export function mayBecome(from, to) {
  if (to === 'unknown') return from === 'sending';
  if (to === 'failed') return RANK[from] < RANK.delivered && from !== 'failed';
  return RANK[to] > RANK[from];
}

export class Sends {
  #store;

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
  }

  /** @param {number} business @param {string} id @returns {Send | null} */
  find(business, id) {
    return (
      this.#store.get('SELECT id, state, code FROM sends WHERE business = ? AND id = ?', business, id) ?? null
    );
  }

  /**
   * @param {number} business @param {string} id @param {string} chat
   * @param {import('baileys').proto.IMessage} message kept for a while: the receiver's phone may ask for it again
   */
  begin(business, id, chat, message) {
    this.#store.run(
      "INSERT INTO sends (business, id, chat, state, payload, at) VALUES (?, ?, ?, 'sending', ?, ?)",
      business,
      id,
      chat,
      Buffer.from(proto.Message.encode(message).finish()).toString('base64'),
      Date.now(),
    );
  }

  /**
   * @param {number} business @param {string} id @param {State} state @param {string | null} [code]
   * @returns {boolean} whether this was news of a message of ours
   */
  becomes(business, id, state, code = null) {
    const before = this.find(business, id);
    if (!before || !mayBecome(before.state, state)) return false;
    this.#store.run(
      'UPDATE sends SET state = ?, code = ? WHERE business = ? AND id = ?',
      state,
      code,
      business,
      id,
    );
    return true;
  }

  /** @param {number} business @param {string} id @returns {string | null} */
  chatOf(business, id) {
    return (
      this.#store.get('SELECT chat FROM sends WHERE business = ? AND id = ?', business, id)?.chat ?? null
    );
  }

  /** Those whose frame was or was not written. @param {number} business @returns {string[]} */
  sending(business) {
    const rows = this.#store.all("SELECT id FROM sends WHERE business = ? AND state = 'sending'", business);
    return rows.map((row) => row.id);
  }

  /** @returns {number[]} businesses that have some */
  businessesSending() {
    return this.#store
      .all("SELECT DISTINCT business FROM sends WHERE state = 'sending'")
      .map((row) => row.business);
  }

  /** What was sent, for one who could not read it. @param {number} business @param {string} id */
  message(business, id) {
    const row = this.#store.get('SELECT payload FROM sends WHERE business = ? AND id = ?', business, id);
    return row?.payload ? proto.Message.decode(Buffer.from(row.payload, 'base64')) : undefined;
  }
}
