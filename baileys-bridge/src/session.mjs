/**
 * One business's link to its phone: the connection, what closes and reopens it, and the words for its state. What is sent
 * stands in sending.mjs, what comes in inbound.mjs.
 */
import { forget, isLinked, openAuth, storedCreds } from './auth.mjs';
import { Intake } from './intake.mjs';
import { phoneDigits } from './jids.mjs';
import { LINK_LANE } from './journal.mjs';
import { listen, openSocket, presentVersion } from './library.mjs';
import {
  ACK_WAIT_MS,
  DISK_PROBE_MS,
  QR_FIRST_MS,
  QR_NEXT_MS,
  QR_WAIT_MS,
  RESTARTS_APART_MS,
  RESTARTS_AT_ONCE,
  UNLINKED_MS,
} from './limits.mjs';
import { reasonOf } from './log.mjs';
import { sleep } from './pace.mjs';
import { afterClose, backoffMs } from './reconnect.mjs';
import { Refusal } from './refusal.mjs';
import { Sender } from './sending.mjs';
import { StoreFault } from './store.mjs';

/** @typedef {import('./reconnect.mjs').Reason} Reason */

/** @type {Record<Reason, string>} */
const SENTENCES = {
  restarting: 'connecting again, as WhatsApp asked',
  logged_out: 'not linked: a code must be scanned',
  replaced: 'another program took this session over; it stays off until it is connected again',
  banned: 'WhatsApp has locked this number out; a code must be scanned once it is free again',
  unreachable: 'WhatsApp cannot be reached; trying again',
  version: 'WhatsApp wants another version of its web program',
  disk_full: 'the disk takes nothing more or cannot be read; the session waits, its credentials are kept',
};

export class Session {
  /** @type {'idle' | 'connecting' | 'open' | 'waiting' | 'stopped'} */
  #phase = 'idle';
  /** @type {Reason | null} */
  #reason = null;
  #turn = 0;
  #failures = 0;
  #askedMs = 0;
  #openedMs = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  /** @type {{ text: string, expiresAt: Date } | null} */
  #qr = null;
  #intake;
  #offers = 0;
  /** @type {Date | null} */
  #lastSeen = null;
  #told = '';
  /** @type {[number, number, number] | null} */
  #version = null;
  #restrictedUntilMs = 0;
  #restarts = 0;
  #restartedMs = 0;
  /** @type {{ id?: string, lid?: string } | undefined} who is linked */
  me;
  /** @type {import('./library.mjs').Socket | null} */
  socket = null;

  /** @param {import('./bridge.mjs').Context} context @param {number} business */
  constructor(context, business) {
    this.context = context;
    this.business = business;
    this.log = context.log.with({ business });
    this.sender = new Sender(this);
    this.#intake = new Intake(this, (fault) => this.#diskFault(fault));
  }

  get connected() {
    return this.#phase === 'open';
  }

  /** Until when WhatsApp lets this number write to nobody new. */
  get restrictedUntilMs() {
    return this.#restrictedUntilMs;
  }

  get linked() {
    return isLinked(storedCreds(this.context.store, this.business));
  }

  get #row() {
    return (
      this.context.store.get('SELECT linked_at, number FROM sessions WHERE business = ?', this.business) ?? {}
    );
  }

  /** How much slower than usual to send. */
  get linkedAtMs() {
    return this.#row.linked_at ?? 0;
  }

  /** Connects unless that is under way. */
  start() {
    if (this.#phase === 'connecting' || this.#phase === 'open') return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  #connect() {
    const turn = ++this.#turn;
    this.#phase = 'connecting';
    this.#qr = null;
    this.#offers = 0;
    this.#openedMs = Date.now();
    try {
      const auth = openAuth(this.context.store, this.business, (fault) => this.#diskFault(fault));
      this.me = auth.state.creds.me;
      this.#intake.takeUp();
      if (turn !== this.#turn) return;
      this.socket = this.#open(turn, auth);
    } catch (fault) {
      this.log.error('the session cannot start', { fault: reasonOf(fault) });
      if (turn === this.#turn) this.#diskFault(fault);
    }
  }

  /** @param {number} turn @param {ReturnType<typeof openAuth>} auth */
  #open(turn, auth) {
    const { settings, retries, sends, arrivals } = this.context;
    const socket = openSocket({
      auth: auth.state,
      log: this.log,
      standIn: settings.standIn,
      version: this.#version,
      retries,
      sentMessage: (id) => sends.message(this.business, id),
      beforeEncryption: (message) => this.sender.beforeEncryption(message),
      decrypted: {
        keep: (sealed, plain) =>
          this.#attempt('keeping what was decrypted', () => arrivals.opened(this.business, sealed, plain)),
        find: (sealed) => arrivals.plainOf(this.business, sealed),
      },
    });
    const mine = () => turn === this.#turn;
    listen(socket, {
      connection: (update) =>
        mine() && this.#attempt('following the connection', () => this.#updated(update)),
      creds: () => mine() && this.#attempt('saving credentials', () => auth.save()),
      messages: (messages, backlog) => this.#intake.keep(messages, backlog),
      updates: (updates) => this.#attempt('keeping statuses', () => this.#intake.statuses(updates)),
      arrival: (node) => this.#attempt('noting an arrival', () => this.#intake.arrived(node)),
      ack: (node) => this.#attempt('keeping an acknowledgement', () => this.sender.acknowledged(node)),
      alive: () => {
        this.#lastSeen = new Date();
      },
    });
    return socket;
  }

  /** Nothing thrown here may end in the library. @param {string} what @param {() => void} work */
  #attempt(what, work) {
    try {
      work();
    } catch (fault) {
      this.log.error(`${what} failed`, { fault: reasonOf(fault) });
      if (fault instanceof StoreFault) this.#diskFault(fault);
    }
  }

  /** @param {Partial<import('baileys').ConnectionState>} update */
  #updated(update) {
    if (update.qr) this.#offered(update.qr);
    if (update.isNewLogin) this.#newlyLinked();
    if (update.connection === 'open') this.#opened();
    if (update.receivedPendingNotifications) this.#intake.countLostLater(this.#openedMs);
    const lock = /** @type {any} */ (update).reachoutTimeLock;
    if (lock) this.#restricted(lock);
    if (update.connection === 'close') {
      const error = /** @type {any} */ (update.lastDisconnect?.error);
      this.#closed(error?.output?.statusCode, reasonOf(error ?? 'closed'));
    }
  }

  /** @param {string} text */
  #offered(text) {
    this.#offers += 1;
    const lifeMs = this.#offers === 1 ? QR_FIRST_MS : QR_NEXT_MS;
    this.#qr = { text, expiresAt: new Date(Date.now() + lifeMs) };
    this.tell({ connected: false, qr: text, expires_at: this.#qr.expiresAt.toISOString() });
  }

  #newlyLinked() {
    this.#qr = null;
    this.log.info('a phone was linked');
    this.#attempt('noting the link', () =>
      this.context.store.run(
        `INSERT INTO sessions (business, linked_at) VALUES (?, ?)
         ON CONFLICT (business) DO UPDATE SET linked_at = excluded.linked_at`,
        this.business,
        Date.now(),
      ),
    );
  }

  #opened() {
    this.#phase = 'open';
    this.#reason = null;
    this.#failures = 0;
    this.#qr = null;
    this.me = this.socket?.user;
    const digits = phoneDigits(this.me?.id);
    const number = digits ? `+${digits}` : null;
    this.log.info('connected');
    this.#attempt('noting the number', () =>
      this.context.store.run(
        `INSERT INTO sessions (business, linked_at, number) VALUES (?, ?, ?)
         ON CONFLICT (business) DO UPDATE SET number = excluded.number`,
        this.business,
        Date.now(),
        number,
      ),
    );
    this.tell({ connected: true, number });
  }

  /** @param {{ isActive?: boolean, timeEnforcementEnds?: Date }} lock */
  #restricted({ isActive, timeEnforcementEnds }) {
    this.#restrictedUntilMs = isActive ? (timeEnforcementEnds?.getTime() ?? Date.now() + 60_000) : 0;
    this.log.warn('WhatsApp restricts writing to new people', { until: this.#restrictedUntilMs });
  }

  /** @param {number | undefined} code @param {string} why */
  #closed(code, why) {
    this.#turn += 1;
    this.socket = null;
    this.#qr = null;
    this.#intake.rest();
    this.#attempt('marking sends as unknown', () => this.sender.doubt());
    const next = afterClose(code);
    this.log.info('disconnected', { code, why, step: next.step });
    if (!this.linked && next.step !== 'now') return this.#unlinkedClosed(next.step);
    if (next.step === 'now') return this.#again(this.#restartMs(), next.reason);
    if (next.step === 'stop') return this.#halt('stopped', next.reason);
    if (next.step === 'forget') return this.#forget(next.reason);
    this.#failures += 1;
    if (next.step === 'refresh') void this.#refreshVersion();
    this.#again(backoffMs(this.#failures), next.reason);
  }

  /** At once, unless WhatsApp asks for it again and again. */
  #restartMs() {
    const now = Date.now();
    this.#restarts = now - this.#restartedMs < RESTARTS_APART_MS ? this.#restarts + 1 : 0;
    this.#restartedMs = now;
    return this.#restarts < RESTARTS_AT_ONCE ? 0 : backoffMs(this.#restarts);
  }

  /** Codes were offered and nobody scanned one. @param {string} step */
  #unlinkedClosed(step) {
    const stillWanted = Date.now() - this.#askedMs < UNLINKED_MS;
    if (step === 'stop' || !stillWanted) return this.#halt('idle', 'logged_out');
    this.#failures += 1;
    this.#again(backoffMs(this.#failures), 'logged_out');
  }

  /** @param {number} afterMs @param {Reason} reason */
  #again(afterMs, reason) {
    this.#phase = 'waiting';
    this.#reason = reason;
    this.tell({ connected: false, reason });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), afterMs);
  }

  /** @param {'idle' | 'stopped'} phase @param {Reason} reason */
  #halt(phase, reason) {
    clearTimeout(this.#timer);
    this.#phase = phase;
    this.#reason = reason;
    this.#failures = 0;
    this.tell({ connected: false, reason });
  }

  /** @param {Reason} reason */
  #forget(reason) {
    this.#attempt('forgetting the credentials', () => {
      forget(this.context.store, this.business);
      this.#halt('idle', reason);
    });
  }

  async #refreshVersion() {
    const found = await presentVersion().catch(() => null);
    if (found) this.#version = found;
    this.log.info('asked for the present version', { found: found?.join('.') ?? 'not reached' });
  }

  /** The disk did not take a change: stop before anything more is lost, and see whether it does later. @param {unknown} fault */
  #diskFault(fault) {
    if (this.#phase === 'stopped' && this.#reason === 'disk_full') return;
    this.log.error('the store took no change: the session stops', { fault: reasonOf(fault) });
    this.#drop();
    this.#phase = 'stopped';
    this.#reason = 'disk_full';
    this.#probeLater();
    try {
      this.tell({ connected: false, reason: 'disk_full' });
    } catch {}
  }

  #probeLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#probe(), this.context.diskProbeMs ?? DISK_PROBE_MS);
  }

  /** Nothing is left of what came while the disk was full before the connection brings more. */
  #probe() {
    try {
      this.#intake.writeBack();
      this.tell({ connected: false, reason: 'restarting' });
    } catch {
      return this.#probeLater();
    }
    this.log.info('the store takes changes again');
    this.#connect();
  }

  /** News of the connection; the same twice is told once. @param {Record<string, unknown>} data */
  tell(data) {
    const text = JSON.stringify(data);
    if (text === this.#told) return;
    this.context.journal.write((add) => add(this.business, LINK_LANE, 'connection', data));
    this.#told = text;
  }

  status() {
    const waiting = this.context.journal.waiting(this.business);
    const { lost } = this.#intake;
    return {
      connected: this.connected,
      qr_available: this.#qr !== null,
      number: this.#row.number ?? null,
      last_seen: this.#lastSeen?.toISOString() ?? null,
      detail: this.#detail(waiting, lost),
      reason: this.#reason,
      waiting,
      lost,
    };
  }

  /** @param {number} waiting @param {number} lost */
  #detail(waiting, lost) {
    const parts = [this.#sentence()];
    if (waiting > 0) parts.push(`${waiting} events wait for the server`);
    if (lost > 0) parts.push(`${lost} messages were received and could not be kept`);
    if (this.#restrictedUntilMs > Date.now()) parts.push('WhatsApp lets this number write to nobody new');
    return parts.join('; ');
  }

  #sentence() {
    if (this.connected) return 'connected';
    if (this.#qr) return 'a code waits to be scanned';
    if (this.#phase === 'connecting') return 'connecting';
    if (this.#reason) return SENTENCES[this.#reason];
    return this.linked ? 'not connected' : SENTENCES.logged_out;
  }

  /** Starts a session if there is none, and waits a little for its first code. */
  async qr() {
    this.#wanted();
    await this.#until(() => this.#qr !== null || this.connected || this.linked, QR_WAIT_MS);
    return { qr: this.#qr?.text ?? null, expires_at: this.#qr?.expiresAt.toISOString() ?? null };
  }

  /** @param {string} digits @returns {Promise<string>} what is typed into the phone */
  async pair(digits) {
    if (this.linked) throw new Refusal(409, 'already_linked', 'this business is linked to a phone');
    this.#wanted();
    await this.#until(() => this.#qr !== null, QR_WAIT_MS);
    if (!this.#qr || !this.socket) throw new Refusal(503, 'unreachable', 'WhatsApp offers no code now');
    return this.socket.requestPairingCode(digits);
  }

  #wanted() {
    this.#askedMs = Date.now();
    if (!this.linked && this.#phase !== 'stopped') this.start();
  }

  /** @param {() => boolean} holds @param {number} mostMs */
  async #until(holds, mostMs) {
    const end = Date.now() + mostMs;
    while (!holds() && Date.now() < end) await sleep(50);
  }

  /** Ends the link at WhatsApp, if it can be reached, and here in any case. */
  async logout() {
    const socket = this.connected ? this.socket : null;
    this.#turn += 1;
    if (socket) await Promise.race([socket.logout().catch(() => {}), sleep(ACK_WAIT_MS * 2)]);
    this.#drop();
    this.#forget('logged_out');
  }

  #drop() {
    this.#turn += 1;
    const { socket } = this;
    this.socket = null;
    this.#qr = null;
    clearTimeout(this.#timer);
    this.#intake.rest();
    if (socket) void Promise.resolve(socket.end(undefined)).catch(() => {});
  }

  /** For the end of the process: the link stays. */
  async stop() {
    await this.sender.finish();
    this.#drop();
    this.#phase = 'idle';
  }
}
