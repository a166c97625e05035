/**
 * The stand-in: WhatsApp's servers, the phones of businesses and of their customers, in one object. All state is in
 * memory and outlives connections. What a test may do is here and in `control.mjs`; how it is done on the wire is in the
 * other files.
 */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { Connection } from './connection.mjs';
import { summary } from './content.mjs';
import { answerControl } from './control.mjs';
import { breakConnection } from './faults.mjs';
import { contactWrites, ownerWrites } from './incoming.mjs';
import { node, nowSeconds, SERVER } from './library.mjs';
import { MediaHost } from './media.mjs';
import { ServerIdentity } from './noise.mjs';
import { receiptNode } from './outgoing.mjs';
import { enterCode, scanQr } from './pairing.mjs';
import { digitsOf, People } from './people.mjs';
import { opened, takeStanza } from './stanzas.mjs';

const MOST_NOTES = 2000;
const WAIT_MS = 15_000;

const DEFAULTS = {
  /** Instead of how many one-time keys a device has uploaded: more than 5 spares it the uploading. */
  preKeyCount: undefined,
  /** A contact's phone that cannot read a message asks for it again, as real ones do. */
  askAgain: true,
  /** Every number that is asked for is on WhatsApp. */
  everyone: false,
};

export class StandIn {
  people = new People();
  companions = [];
  connections = [];
  /** Outgoing messages in the order of their first frames. */
  sent = [];
  /** How the next messages are answered, see `rule`. */
  rules = [];
  /** How the next connections are met, see `door`. */
  doors = [];
  /** `<failure>` reasons by number. */
  refusals = new Map();
  codes = new Map();
  unknownQueries = [];
  usyncQueries = [];
  mexQueries = [];
  peerMessages = [];
  faults = [];
  identity = new ServerIdentity();
  #sentById = new Map();
  #locks = new Map();
  #notes = [];
  #watchers = new Set();
  #timers = new Set();
  #http;

  constructor(settings = {}) {
    this.settings = { ...DEFAULTS, ...settings };
  }

  static async start({ port = 0, ...settings } = {}) {
    const standIn = new StandIn(settings);
    standIn.media = await MediaHost.start();
    await standIn.#listen(port);
    return standIn;
  }

  async #listen(port) {
    const sockets = new WebSocketServer({ noServer: true });
    this.#http = createServer((request, response) => answerControl(this, request, response));
    this.#http.on('upgrade', (request, socket, head) => {
      const door = this.doors.shift() ?? { mode: 'open' };
      if (door.mode === 'refuse') return void socket.destroy();
      sockets.handleUpgrade(request, socket, head, (opened) => this.#welcome(opened, door));
    });
    await new Promise((resolve) => this.#http.listen(port, '127.0.0.1', resolve));
    const { port: taken } = this.#http.address();
    this.url = `ws://127.0.0.1:${taken}/ws/chat`;
    this.controlUrl = `http://127.0.0.1:${taken}`;
  }

  /** What another program needs, as printed by `main.mjs`. */
  get addresses() {
    return {
      ws: this.url,
      control: this.controlUrl,
      media: `https://${this.media.host}`,
      cert_public_key: this.identity.rootPublicKey.toString('hex'),
      media_certificate: this.media.tls.cert,
    };
  }

  #welcome(socket, { mode, code }) {
    const closeAt = { close_after_hello: 'hello', close_after_finish: 'finish' }[mode];
    const connection = new Connection(
      socket,
      { identity: this.identity, closeAt },
      {
        opened: (one, payload) =>
          mode === 'failure'
            ? one.end(node('failure', { reason: code, location: 'standin' }))
            : opened(this, one, payload),
        stanza: (one, stanza) => takeStanza(this, one, stanza),
        closed: (one) => this.#closed(one),
        failed: (_one, error) => this.faults.push(error.stack),
      },
    );
    connection.silent = mode === 'hang';
    this.connections.push(connection);
    this.changed();
  }

  #closed(connection) {
    this.connections = this.connections.filter((one) => one !== connection);
    if (connection.companion?.connection === connection) connection.companion.connection = null;
    this.changed();
  }

  // Whom there is.

  /** Makes or changes a user: see `Person`. */
  putContact(wanted) {
    return this.people.put(wanted);
  }

  /** Who is asked for by number: with `everyone`, whoever it is. */
  wanted(phone) {
    return this.people.byPhone(phone) ?? (this.settings.everyone ? this.people.put({ phone }) : undefined);
  }

  companionsOf(person) {
    return this.companions.filter((one) => one.person === person && !one.removed);
  }

  /** The linked device of a business that was linked last. */
  companionOf(business) {
    const found = this.companions.filter((one) => one.person.number === digitsOf(business)).at(-1);
    if (!found) throw new Error(`no device of ${business} is linked`);
    return found;
  }

  nextDevice(person) {
    return person.devices.length + this.companions.filter((one) => one.person === person).length;
  }

  // Linking.

  /** The phone of a business scans a code; the business is made where there is none. */
  scan({ qr, phone, name }) {
    return scanQr(this, this.people.put({ phone, name }), qr);
  }

  /** The owner types the code that a device shows. */
  enterCode({ phone, code, name }) {
    return enterCode(this, this.people.put({ phone, name }), code.replace(/-/g, ''));
  }

  /** The device is taken off the account, by itself or by the phone: 401, now and whenever it comes again. */
  unlink(companion) {
    companion.removed = true;
    companion.connection?.streamError(401, [node('conflict', { type: 'device_removed' })]);
  }

  // Messages.

  /** A contact writes to a business, `count` times. Returns the ids. */
  async write({ business, from, count = 1, ...wanted }) {
    const person = this.people.byPhone(from) ?? this.people.put({ phone: from });
    return this.#repeat(count, wanted, (one) => contactWrites(this, this.companionOf(business), person, one));
  }

  /** The owner of a business writes on the phone. Returns the ids. */
  async writeAsOwner({ business, to, count = 1, ...wanted }) {
    const person = this.people.byPhone(to) ?? this.people.put({ phone: to });
    return this.#repeat(count, wanted, (one) => ownerWrites(this, this.companionOf(business), person, one));
  }

  async #repeat(count, wanted, write) {
    const ids = [];
    for (let place = 0; place < count; place++) {
      const text = count > 1 && wanted.text ? `${wanted.text} ${place + 1}` : wanted.text;
      ids.push(await write({ ...wanted, text }));
    }
    return ids;
  }

  /** Outgoing messages, narrowed. */
  messages({ business, phone, id, status } = {}) {
    return this.sent.filter(
      (one) =>
        (!business || one.companion.person.number === digitsOf(business)) &&
        (!phone || one.person?.number === digitsOf(phone)) &&
        (!id || one.id === id) &&
        (!status || one.status === status),
    );
  }

  sentOf(companion, id) {
    return this.#sentById.get(`${companion.person.number} ${id}`);
  }

  keep(sent) {
    this.sent.push(sent);
    this.#sentById.set(`${sent.companion.person.number} ${sent.id}`, sent);
    return sent;
  }

  /** The contents of a file that a business sent. */
  file({ id, business }) {
    const [sent] = this.messages({ id, business });
    if (!sent?.message) throw new Error(`no readable message ${id}`);
    const { kind, mime_type, file_name, voice } = summary(sent.message);
    const name = kind.replace('Message', '');
    const bytes = this.media.open(sent.message[kind], voice ? 'voice' : name);
    return { bytes, mime_type, file_name };
  }

  /** A contact's phone has received, shown or played a message: `delivered`, `read`, `played`. */
  receipt({ id, type, business, t }) {
    const [sent] = this.messages({ id, business });
    if (!sent) throw new Error(`no message ${id}`);
    this.giveReceipt(sent, type, t);
  }

  giveReceipt(sent, type, t) {
    sent.receipts.push({ type, at: Date.now() });
    sent.companion.deliver(receiptNode(sent, type, t));
  }

  /** A contact is typing (`composing`), has stopped (`paused`). */
  typing({ business, from, state = 'composing' }) {
    const person = this.people.byPhone(from);
    this.companionOf(business).connection?.send(node('chatstate', { from: person.jid }, [node(state)]));
  }

  // What goes wrong.

  /**
   * The next message (or the next `times`) that fits is answered so: `answer` is `ack` (after `delay_ms`), `nack` with
   * `code`, `silence` or `close`. `deliver: false`: the contact never gets it. `id`, `business` and `phone` narrow.
   */
  rule({ times = 1, ...rule }) {
    if (rule.answer === 'nack') rule.deliver ??= false;
    this.rules.push({ ...rule, left: times });
  }

  ruleFor(sent) {
    const found = this.rules.find(
      (rule) =>
        rule.left > 0 &&
        (!rule.id || rule.id === sent.id) &&
        (!rule.phone || sent.person?.number === digitsOf(rule.phone)) &&
        (!rule.business || sent.companion.person.number === digitsOf(rule.business)),
    );
    if (found) found.left -= 1;
    return found;
  }

  /** Breaks what is between the stand-in and a device, see `faults.mjs`. */
  fault({ business, kind }) {
    breakConnection(this, this.companionOf(business), kind);
    this.changed();
  }

  /** How the next connections are met: `open`, `refuse`, `hang`, `close_after_hello`, `close_after_finish`, `failure`. */
  door({ mode, code, times = 1 }) {
    for (let count = 0; count < times; count++) this.doors.push({ mode, code });
  }

  /** From now on, signing in fails for this business with a reason, 403 or 405 say; without one it works again. */
  refuse({ business, reason }) {
    if (reason) this.refusals.set(digitsOf(business), reason);
    else this.refusals.delete(digitsOf(business));
  }

  /** WhatsApp forbids this business to begin chats, or allows it again, and tells the device. */
  setReachoutTimeLock({ business, active, seconds = 3600 }) {
    const companion = this.companionOf(business);
    this.#locks.set(companion.person, { active, ends: nowSeconds() + seconds });
    const data = { xwa2_notify_account_reachout_timelock: this.reachoutTimeLock(companion.person) };
    const attrs = { from: SERVER, type: 'mex', id: `lock${Date.now()}`, t: nowSeconds() };
    const update = node(
      'update',
      { op_name: 'NotificationUserReachoutTimelockUpdate' },
      Buffer.from(JSON.stringify({ data })),
    );
    companion.deliver(node('notification', attrs, [update]));
  }

  reachoutTimeLock(person) {
    const lock = this.#locks.get(person);
    if (!lock?.active) return { is_active: false };
    return { is_active: true, time_enforcement_ends: String(lock.ends), enforcement_type: 'DEFAULT' };
  }

  // Watching.

  note(connection, { tag, attrs }) {
    this.#notes.push({ business: connection.companion?.person.number, tag, ...attrs });
    if (this.#notes.length > MOST_NOTES) this.#notes.shift();
  }

  /** The last stanzas that devices sent, without contents. */
  get traffic() {
    return this.#notes;
  }

  changed() {
    for (const look of this.#watchers) look();
  }

  /** Waits until `look` gives something true, and gives that. It is asked after each change. */
  until(look, waitMs = WAIT_MS) {
    return new Promise((resolve, reject) => {
      const finish = (settle, value) => {
        clearTimeout(timer);
        this.#watchers.delete(again);
        settle(value);
      };
      const again = () => {
        const found = look();
        if (found) finish(resolve, found);
      };
      const timer = setTimeout(() => finish(reject, new Error(`waited ${waitMs} ms: ${look}`)), waitMs);
      this.#watchers.add(again);
      again();
    });
  }

  later(delayMs, act) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, delayMs);
    this.#timers.add(timer);
  }

  async stop() {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const connection of this.connections) connection.drop();
    this.#http.closeAllConnections();
    await Promise.all([new Promise((resolve) => this.#http.close(resolve)), this.media.stop()]);
  }
}
