/**
 * Messages that came in from WhatsApp and are not in the journal yet.
 *
 * The library tells the sender «received» before it tells us of a message, and WhatsApp does not send again what was
 * received; nor can a message be decrypted twice. So the frame's envelope is noted when it comes, and the plain bytes
 * when they were decrypted. If the process ends before the journal has the message, the next one makes it from these.
 * What came, cannot be made and does not come again is lost: it is counted.
 */
import { createHash } from 'node:crypto';
import { cleanMessage, decodeMessageNode, proto, unpadRandomMax16 } from 'baileys';

/** @typedef {import('./store.mjs').Store} Store */

/** @param {Uint8Array} bytes */
const fingerprint = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** What is encrypted in a frame. @param {import('baileys').BinaryNode} node @returns {Uint8Array | null} */
function sealedPart({ content }) {
  const parts = Array.isArray(content) ? content : [];
  const sealed = parts.find((part) => part.tag === 'enc')?.content;
  return sealed instanceof Uint8Array ? sealed : null;
}

export class Arrivals {
  #notes;
  #store;

  /** @param {Store} notes @param {Store} store */
  constructor(notes, store) {
    this.#notes = notes;
    this.#store = store;
  }

  /** @param {number} business @param {import('baileys').BinaryNode} node a message's frame */
  came(business, node) {
    const sealed = sealedPart(node);
    this.#notes.run(
      'INSERT OR REPLACE INTO arrivals (business, id, envelope, sealed, at) VALUES (?, ?, ?, ?, ?)',
      business,
      node.attrs.id,
      JSON.stringify(node.attrs),
      sealed ? fingerprint(sealed) : null,
      Date.now(),
    );
  }

  /** @param {number} business @param {string} id */
  done(business, id) {
    this.#notes.atomically(() => {
      this.#notes.run(
        'DELETE FROM opened WHERE business = ?1 AND sealed IN (SELECT sealed FROM arrivals WHERE business = ?1 AND id = ?2)',
        business,
        id,
      );
      this.#notes.run('DELETE FROM arrivals WHERE business = ? AND id = ?', business, id);
    });
  }

  /**
   * Only of messages that were noted: keys that the phone sends to its devices are none of ours to keep.
   * @param {number} business @param {Uint8Array} sealed @param {Uint8Array} plain
   */
  opened(business, sealed, plain) {
    this.#notes.run(
      `INSERT OR REPLACE INTO opened (business, sealed, plain, at)
       SELECT business, sealed, ?, at FROM arrivals WHERE business = ? AND sealed = ?`,
      Buffer.from(plain).toString('base64'),
      business,
      fingerprint(sealed),
    );
  }

  /** What an earlier try had decrypted. @param {number} business @param {Uint8Array} sealed @returns {Buffer | null} */
  plainOf(business, sealed) {
    const row = this.#notes.get(
      'SELECT plain FROM opened WHERE business = ? AND sealed = ?',
      business,
      fingerprint(sealed),
    );
    return row ? Buffer.from(row.plain, 'base64') : null;
  }

  /**
   * Messages that an earlier process had decrypted and not journaled, in the order in which they came.
   * @param {number} business @param {{ id: string, lid?: string }} me
   * @returns {import('baileys').WAMessage[]}
   */
  unfinished(business, me) {
    const rows = this.#notes.all(
      `SELECT a.envelope, o.plain FROM arrivals a JOIN opened o ON o.business = a.business AND o.sealed = a.sealed
       WHERE a.business = ? ORDER BY a.at, a.rowid`,
      business,
    );
    return rows.flatMap(({ envelope, plain }) =>
      remade(JSON.parse(envelope), Buffer.from(plain, 'base64'), me),
    );
  }

  /**
   * Counts those that came before `beforeMs` and were never dealt with, once each.
   * @param {number} business @param {number} beforeMs @returns {number} how many were newly counted
   */
  countLost(business, beforeMs) {
    const old = this.#notes.all('SELECT id FROM arrivals WHERE business = ? AND at < ?', business, beforeMs);
    if (old.length === 0) return 0;
    const lost = old.filter(({ id }) => !this.#isKept(business, id)).length;
    this.#store.run(
      `INSERT INTO sessions (business, lost) VALUES (?, ?)
       ON CONFLICT (business) DO UPDATE SET lost = lost + excluded.lost`,
      business,
      lost,
    );
    for (const { id } of old) this.done(business, id);
    return lost;
  }

  /** The process may have ended between the journal and this note. @param {number} business @param {string} id */
  #isKept(business, id) {
    return Boolean(this.#store.get('SELECT 1 AS kept FROM seen WHERE business = ? AND id = ?', business, id));
  }

  /** @param {number} business @returns {number} since the bridge was set up */
  lost(business) {
    return this.#store.get('SELECT lost FROM sessions WHERE business = ?', business)?.lost ?? 0;
  }

  /** @param {number} beforeMs */
  prune(beforeMs) {
    this.#notes.run('DELETE FROM opened WHERE at < ?', beforeMs);
  }
}

/**
 * The message as the library would have handed it over (its `decryptMessageNode` and `handleMessage`).
 * @param {Record<string, string>} attrs @param {Buffer} plain @param {{ id: string, lid?: string }} me
 * @returns {import('baileys').WAMessage[]} one, or none when it cannot be read
 */
function remade(attrs, plain, me) {
  try {
    const { fullMessage } = decodeMessageNode({ tag: 'message', attrs }, me.id, me.lid ?? '');
    const message = proto.Message.decode(unpadRandomMax16(plain));
    fullMessage.message = message.deviceSentMessage?.message ?? message;
    cleanMessage(fullMessage, me.id, me.lid ?? '');
    return [fullMessage];
  } catch {
    return [];
  }
}
