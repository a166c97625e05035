/**
 * Sends the messages of one business, each at most once.
 *
 * What fails before the row in `sends` is written was certainly not sent, and is refused so that the server may try again
 * or elsewhere. From the row on it may have been sent: it is never sent again, whatever happens.
 */
import { lidOfPhone } from './auth.mjs';
import { bare, lidJid, phoneJid, recipient } from './jids.mjs';
import { ACK_WAIT_MS, KNOWN_KEPT_MS, SHUTDOWN_MS, WARM_UP_MS } from './limits.mjs';
import { masked, reasonOf } from './log.mjs';
import { compose } from './outgoing.mjs';
import { Busy, GaveUp, Pace, sleep } from './pace.mjs';
import { Refusal } from './refusal.mjs';
import { StoreFault } from './store.mjs';

/**
 * @typedef {import('./outgoing.mjs').Order} Order
 * @typedef {import('./sends.mjs').State} State
 * @typedef {{ id: string, status: State | 'none', code?: string }} Answer
 */

/** WhatsApp's nack for a message that was encrypted for a session the other side no longer has. */
const STALE_SESSION = '479';

const nowS = () => Math.floor(Date.now() / 1000);

export class Sender {
  #session;
  #pace;
  /** @type {Set<string>} */
  #running = new Set();
  #stopping = false;
  /** @type {{ id: string, chat: string, message: any, looks: number, written: boolean } | null} */
  #current = null;
  /** @type {Map<string, () => void>} */
  #waiting = new Map();

  /** @param {import('./session.mjs').Session} session */
  constructor(session) {
    this.#session = session;
    this.#pace = new Pace({ intervalMs: session.context.settings.sendIntervalMs });
  }

  /** @param {Order} order @param {AbortSignal} signal comes when the server no longer waits @returns {Promise<Answer>} */
  async send(order, signal) {
    const { id } = order;
    if (this.#running.has(id)) throw new Refusal(409, 'in_progress', 'this message is being sent');
    const before = this.find(id);
    if (before.status !== 'none') return before;
    const to = recipient(order.to);
    if (!to) throw new Refusal(422, 'invalid', '"to" is no phone number and no address of WhatsApp');
    this.#refuseUnlessUsable();
    this.#running.add(id);
    try {
      await this.#inTurn(order, to, signal);
      return await this.#afterAck(id);
    } catch (fault) {
      throw asRefusal(fault);
    } finally {
      this.#running.delete(id);
    }
  }

  /** @param {string} id @returns {Answer} */
  find(id) {
    const { sends } = this.#session.context;
    const found = sends.find(this.#session.business, id);
    if (!found) return { id, status: this.#running.has(id) ? 'sending' : 'none' };
    return { id, status: found.state, ...(found.code ? { code: found.code } : {}) };
  }

  #refuseUnlessUsable() {
    const session = this.#session;
    if (this.#stopping) throw new Refusal(503, 'stopping', 'the bridge is being stopped');
    if (session.restrictedUntilMs > Date.now()) {
      throw new Refusal(409, 'not_connected', 'WhatsApp has restricted this number for now');
    }
    if (session.connected) return;
    if (!session.linked) throw new Refusal(409, 'logged_out', 'no phone is linked');
    throw new Refusal(409, 'not_connected', session.status().detail);
  }

  /** @param {Order} order @param {{ phone: string } | { lid: string }} to @param {AbortSignal} signal */
  #inTurn(order, to, signal) {
    const number = 'phone' in to ? to.phone : to.lid;
    const slowness = Date.now() - this.#session.linkedAtMs < WARM_UP_MS ? 2 : 1;
    return this.#pace.inTurn(number, signal, slowness, async () => {
      this.#refuseUnlessUsable();
      const socket = /** @type {import('./library.mjs').Socket} */ (this.#session.socket);
      const { chat, message } = await this.#prepare(order, to, socket, signal).catch(notSent);
      if (signal.aborted) throw new GaveUp();
      await this.#transmit(socket, order.id, chat, message);
    });
  }

  /** @param {Order} order @param {{ phone: string } | { lid: string }} to @param {import('./library.mjs').Socket} socket @param {AbortSignal} signal */
  async #prepare(order, to, socket, signal) {
    const chat = await this.#chat(socket, to);
    const { serverUrl } = this.#session.context.settings;
    return { chat, message: await compose(order, chat, { socket, serverUrl, signal }) };
  }

  /**
   * The address to write to: since 2026-07 a phone address is refused (463) where the person has a LID.
   * @param {import('./library.mjs').Socket} socket @param {{ phone: string } | { lid: string }} to
   */
  async #chat(socket, to) {
    if ('lid' in to) return lidJid(to.lid);
    await this.#refuseUnlessOnWhatsApp(to.phone);
    const lid = await socket.signalRepository.lidMapping.getLIDForPN(phoneJid(to.phone));
    return lid ? bare(lid) : phoneJid(to.phone);
  }

  /** @param {string} phone digits */
  async #refuseUnlessOnWhatsApp(phone) {
    const { store } = this.#session.context;
    const { business } = this.#session;
    const known = store.get('SELECT at FROM known WHERE business = ? AND number = ?', business, phone);
    if (known?.at > Date.now() - KNOWN_KEPT_MS || lidOfPhone(store, business, phone)) return;
    if (!(await this.onWhatsApp(phone)))
      throw new Refusal(422, 'not_on_whatsapp', 'this number has no WhatsApp');
    store.run(
      'INSERT OR REPLACE INTO known (business, number, at) VALUES (?, ?, ?)',
      business,
      phone,
      Date.now(),
    );
  }

  /** @param {string} phone digits @returns {Promise<boolean>} */
  async onWhatsApp(phone) {
    this.#refuseUnlessUsable();
    const found = await this.#session.socket?.onWhatsApp(phone);
    if (!found) throw new Refusal(409, 'not_connected', 'WhatsApp did not answer');
    return found.some((entry) => entry.exists);
  }

  /**
   * The library asks before it encrypts, and once before that for its own report: by then it has fetched all that it
   * needs, and what is left is to write the frame. So here the row is written.
   * @param {any} message
   */
  beforeEncryption(message) {
    const current = this.#current;
    if (!current || current.written) return;
    if (message !== current.message && message.deviceSentMessage?.message !== current.message) return;
    current.looks += 1;
    if (current.looks > 1 || message.deviceSentMessage) this.#begin(current);
  }

  /** @param {{ id: string, chat: string, message: any, written: boolean }} current */
  #begin(current) {
    this.#session.context.sends.begin(this.#session.business, current.id, current.chat, current.message);
    current.written = true;
  }

  /** @param {import('./library.mjs').Socket} socket @param {string} id @param {string} chat @param {any} message */
  async #transmit(socket, id, chat, message) {
    const current = { id, chat, message, looks: 0, written: false };
    this.#current = current;
    try {
      await socket.relayMessage(chat, message, { messageId: id });
      if (!current.written) this.#begin(current);
    } catch (fault) {
      this.#session.log.warn('sending failed', { id, written: current.written, fault: reasonOf(fault) });
      if (!current.written) throw new Refusal(409, 'not_connected', 'WhatsApp could not be reached');
      this.heard(id, chat, 'unknown', nowS());
    } finally {
      this.#current = null;
    }
  }

  /** The acknowledgement mostly comes within a moment: then the server need not hear twice. @param {string} id */
  async #afterAck(id) {
    if (this.find(id).status === 'sending') {
      const end = new AbortController();
      this.#waiting.set(id, () => end.abort());
      await sleep(ACK_WAIT_MS, end.signal);
      this.#waiting.delete(id);
    }
    return this.find(id);
  }

  /** @param {import('baileys').BinaryNode} node */
  acknowledged({ attrs }) {
    if (!attrs.id) return;
    const chat = this.#session.context.sends.chatOf(this.#session.business, attrs.id);
    if (chat === null) return;
    this.heard(
      attrs.id,
      chat,
      attrs.error ? 'failed' : 'sent',
      Number(attrs.t ?? 0) || nowS(),
      attrs.error ?? null,
    );
    if (attrs.error === STALE_SESSION) void this.#resetSession(chat);
  }

  /** @param {string} chat */
  async #resetSession(chat) {
    this.#session.log.warn('a stale encryption session is thrown away', { code: STALE_SESSION });
    await this.#session.socket?.signalRepository.deleteSession([chat]).catch(() => {});
  }

  /**
   * What WhatsApp says of a message. Of our own only what is news goes to the server; of those typed on the phone all.
   * @param {string} id @param {string} chat @param {State} state @param {number} atS @param {string | null} [code]
   */
  heard(id, chat, state, atS, code = null) {
    const { sends, journal } = this.#session.context;
    const { business } = this.#session;
    journal.write((add) => {
      const lane = sends.chatOf(business, id);
      if (lane === null && (state === 'sent' || state === 'failed')) return;
      if (lane !== null && !sends.becomes(business, id, state, code)) return;
      add(business, lane ?? bare(chat), 'status', {
        id,
        status: state,
        ...(code ? { code } : {}),
        timestamp: atS,
      });
    });
    if (state !== 'unknown') this.#waiting.get(id)?.();
  }

  /** The connection is gone, and with it the acknowledgements of what was on its way. */
  doubt() {
    const { sends } = this.#session.context;
    for (const id of sends.sending(this.#session.business)) {
      if (this.#current?.id !== id) this.heard(id, '', 'unknown', nowS());
    }
  }

  /** Typing or not; nothing is lost when it does not get there. @param {string} to @param {'composing' | 'recording' | 'paused'} state */
  async presence(to, state) {
    this.#refuseUnlessUsable();
    const who = recipient(to);
    const { store } = this.#session.context;
    if (!who) throw new Refusal(422, 'invalid', '"to" is no phone number and no address of WhatsApp');
    const lid = 'lid' in who ? who.lid : lidOfPhone(store, this.#session.business, who.phone);
    const jid = lid ? lidJid(lid) : phoneJid(/** @type {any} */ (who).phone);
    await this.#session.socket?.sendPresenceUpdate(state, jid);
  }

  /** Takes nothing more, and waits until what was taken is acknowledged, or long enough. */
  async finish() {
    this.#stopping = true;
    const { sends } = this.#session.context;
    const [end, ackEnd] = [Date.now() + SHUTDOWN_MS, Date.now() + ACK_WAIT_MS];
    const awaited = () => Date.now() < ackEnd && sends.sending(this.#session.business).length > 0;
    while (Date.now() < end && (this.#current || (this.#session.connected && awaited()))) await sleep(20);
  }
}

/** Whatever went wrong before anything was written down or sent. @param {unknown} fault @returns {never} */
function notSent(fault) {
  if (fault instanceof Refusal) throw fault;
  throw new Refusal(
    409,
    fault instanceof StoreFault ? 'disk_full' : 'not_connected',
    masked(reasonOf(fault)),
  );
}

/** @param {unknown} fault */
function asRefusal(fault) {
  if (fault instanceof Busy) return new Refusal(503, 'busy', fault.message, { retry_after: fault.afterS });
  if (fault instanceof GaveUp) return new Refusal(503, 'busy', 'nobody waits for the answer any more');
  return fault;
}
