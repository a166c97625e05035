/** What comes in from WhatsApp for one business: into the journal at once, and what cannot be written is held or counted. */
import { keep } from './inbound.mjs';
import { isIgnored } from './jids.mjs';
import { ARRIVAL_GRACE_MS, UNWRITTEN_MESSAGES } from './limits.mjs';
import { reasonOf } from './log.mjs';
import { StoreFault } from './store.mjs';

/** The library's numbers for what became of a message; a nack is heard elsewhere. */
const STATES = /** @type {Record<number, import('./sends.mjs').State>} */ ({
  2: 'sent',
  3: 'delivered',
  4: 'read',
  5: 'played',
});

export class Intake {
  #session;
  #onFault;
  /** @type {Array<{ messages: any[], backlog: boolean }>} while the disk takes nothing */
  #unwritten = [];
  #lost = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {import('./session.mjs').Session} session @param {(fault: unknown) => void} onFault */
  constructor(session, onFault) {
    this.#session = session;
    this.#onFault = onFault;
  }

  /** Messages that were received and cannot be told, since the bridge was set up. */
  get lost() {
    return this.#session.context.arrivals.lost(this.#session.business) + this.#lost;
  }

  /** A message's frame, before it is decrypted. @param {import('baileys').BinaryNode} node */
  arrived(node) {
    const { id, category, from } = node.attrs;
    const ours = id && category !== 'peer' && !isIgnored(from);
    if (ours) this.#session.context.arrivals.came(this.#session.business, node);
  }

  /** @param {any[]} messages @param {boolean} backlog */
  keep(messages, backlog) {
    try {
      this.#write(messages, backlog);
    } catch (fault) {
      this.#session.log.error('messages could not be written', { fault: reasonOf(fault) });
      if (fault instanceof StoreFault) this.#hold(messages, backlog, fault);
      else this.#giveUp(messages);
    }
  }

  /** @param {any[]} messages @param {boolean} backlog @param {StoreFault} fault */
  #hold(messages, backlog, fault) {
    if (this.#unwritten.length < UNWRITTEN_MESSAGES) this.#unwritten.push({ messages, backlog });
    else this.#lost += messages.length;
    this.#onFault(fault);
  }

  /** One that we cannot make an event of must not stop all that come after it. @param {any[]} messages */
  #giveUp(messages) {
    this.#lost += messages.length;
    for (const { key } of messages) {
      if (key?.id) this.#session.context.arrivals.done(this.#session.business, key.id);
    }
  }

  /** @param {any[]} messages @param {boolean} backlog */
  #write(messages, backlog) {
    const { context, business, me } = this.#session;
    const { store, journal, arrivals } = context;
    const done = keep({ store, journal, business, me }, messages, backlog);
    for (const id of done) arrivals.done(business, id);
  }

  /** What was held while the disk took nothing. */
  writeBack() {
    while (this.#unwritten.length > 0) {
      const [{ messages, backlog }] = this.#unwritten;
      this.#write(messages, backlog);
      this.#unwritten.shift();
    }
  }

  /** What an earlier process had decrypted and not journaled. */
  takeUp() {
    const { context, business, me, log } = this.#session;
    if (!me?.id) return;
    const messages = context.arrivals.unfinished(business, { ...me, id: me.id });
    if (messages.length === 0) return;
    log.info('messages of an earlier process are taken up', { messages: messages.length });
    for (const message of messages) this.keep([message], true);
  }

  /** @param {Array<{ key: any, update: any }>} updates */
  statuses(updates) {
    for (const { key, update } of updates) {
      const state = STATES[update.status];
      if (!key.fromMe || !key.id || !state || isIgnored(key.remoteJid)) continue;
      const atS = Number(update.messageTimestamp ?? 0) || Math.floor(Date.now() / 1000);
      this.#session.sender.heard(key.id, key.remoteJid ?? '', state, atS);
    }
  }

  /** The backlog has come: what came before this connection and is not in it will not come again. @param {number} openedMs */
  countLostLater(openedMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#countLost(openedMs), ARRIVAL_GRACE_MS);
  }

  /** @param {number} beforeMs */
  #countLost(beforeMs) {
    const { context, business, log } = this.#session;
    try {
      const lost = context.arrivals.countLost(business, beforeMs);
      if (lost > 0) log.error('messages were received and never reached the journal', { lost });
    } catch (fault) {
      this.#onFault(fault);
    }
  }

  /** The connection is gone. */
  rest() {
    clearTimeout(this.#timer);
  }
}
