/**
 * Users of the stand-in's WhatsApp: customers and businesses alike. Each has a phone number and a LID, and one phone or
 * more with real Signal keys.
 */
import { createHash } from 'node:crypto';
import { jidDecode, SERVER } from './library.mjs';
import { SignalDevice } from './signal.mjs';

/** `+972 54-321`, `97254321@s.whatsapp.net` and `97254321` are one number. */
export function digitsOf(phone) {
  const digits = String(phone).split('@')[0].split(':')[0].replace(/\D/g, '');
  if (!digits) throw new Error(`not a phone: ${phone}`);
  return digits;
}

/** The same number has the same LID in every run; its digits look like no phone's. */
function lidOf(number) {
  const hash = createHash('sha256').update(`lid ${number}`).digest();
  return `1${hash.readBigUInt64BE(0).toString().padStart(14, '0').slice(0, 14)}`;
}

export class Person {
  /**
   * @param {object} wanted
   * @param {string} wanted.phone
   * @param {string} [wanted.lid] digits
   * @param {string} [wanted.name] shown as the push name
   * @param {boolean} [wanted.registered] whether WhatsApp knows the number
   * @param {'lid' | 'pn'} [wanted.addressing] in which form its messages and receipts come
   * @param {boolean} [wanted.hidden] its messages do not say the phone (only with `lid`)
   * @param {boolean} [wanted.pn_refused] a message to its phone instead of its LID is nacked 463
   * @param {number} [wanted.devices] how many phones it has
   * @param {string[]} [wanted.receipts] what it gives by itself for each message: `delivered`, `read`, `played`
   */
  constructor({ phone, lid, devices = 1, ...settings }) {
    this.number = digitsOf(phone);
    this.lid = lid ?? lidOf(this.number);
    this.devices = Array.from({ length: devices }, () => new SignalDevice());
    this.name = `User ${this.number.slice(-4)}`;
    this.registered = true;
    this.addressing = 'lid';
    this.hidden = false;
    this.pn_refused = true;
    this.receipts = [];
    this.set(settings);
  }

  set({ name, registered, addressing, hidden, pn_refused, receipts }) {
    const given = Object.entries({ name, registered, addressing, hidden, pn_refused, receipts });
    Object.assign(this, Object.fromEntries(given.filter(([, value]) => value !== undefined)));
  }

  get phone() {
    return this.devices[0];
  }

  get pnJid() {
    return `${this.number}@${SERVER}`;
  }

  get lidJid() {
    return `${this.lid}@lid`;
  }

  /** The jid under which its messages come. */
  get jid() {
    return this.addressing === 'lid' ? this.lidJid : this.pnJid;
  }

  toJSON() {
    const { number, lid, name, registered, addressing, hidden, pn_refused, receipts } = this;
    const devices = this.devices.length;
    return { phone: `+${number}`, lid, name, registered, addressing, hidden, pn_refused, receipts, devices };
  }
}

/** All users, by number and by LID. */
export class People {
  #byNumber = new Map();
  #byLid = new Map();

  /** Changes a user or makes it. */
  put(wanted) {
    const known = this.#byNumber.get(digitsOf(wanted.phone));
    if (known) {
      known.set(wanted);
      return known;
    }
    const person = new Person(wanted);
    this.#byNumber.set(person.number, person);
    this.#byLid.set(person.lid, person);
    return person;
  }

  byPhone(phone) {
    return this.#byNumber.get(digitsOf(phone));
  }

  byJid(jid) {
    const decoded = jidDecode(jid);
    if (!decoded) return undefined;
    return (decoded.server === 'lid' ? this.#byLid : this.#byNumber).get(decoded.user);
  }

  all() {
    return [...this.#byNumber.values()];
  }
}
