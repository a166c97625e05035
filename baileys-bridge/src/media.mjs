/**
 * Files that messages brought. The server gets an address of ours with a signature and an end; behind it the file is
 * fetched from WhatsApp, checked and decrypted while it passes, and never kept here.
 *
 * The form is WhatsApp's: AES-256-CBC, then the first ten bytes of an HMAC-SHA256 over vector and ciphertext (the
 * library's `messages-media` writes it so). Whoever sends a message chooses the address in it: only WhatsApp's own host is
 * ever asked.
 */
import { createDecipheriv, createHmac } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { getMediaKeys } from 'baileys';
import { MEDIA_FETCH_MS, MEDIA_URL_MS } from './limits.mjs';
import { Refusal } from './refusal.mjs';
import { sameText } from './signing.mjs';

const HOST = 'https://mmg.whatsapp.net';
const MAC_BYTES = 10;

export class Media {
  #store;
  #secret;
  #base;
  #host;

  /**
   * @param {import('./store.mjs').Store} store
   * @param {{ secret: string, base: () => string, standIn: import('./settings.mjs').StandIn | null }} options
   */
  constructor(store, { secret, base, standIn }) {
    this.#store = store;
    this.#secret = secret;
    this.#base = base;
    this.#host = standIn?.mediaUrl ?? HOST;
  }

  /** @param {string} text */
  #mac(text) {
    return createHmac('sha256', this.#secret).update(`media\n${text}`).digest('hex');
  }

  /** An address that holds for a week from now. @param {string} file */
  url(file) {
    const claim = `${file}.${Math.floor((Date.now() + MEDIA_URL_MS) / 1000)}`;
    return `${this.#base()}/media/${claim}.${this.#mac(claim)}`;
  }

  /** @param {string} token @returns {any} what the message said of its file */
  #source(token) {
    const match = /^(([0-9a-f]{32})\.(\d{1,12}))\.([0-9a-f]{64})$/.exec(token);
    if (!match || !sameText(match[4], this.#mac(match[1]))) throw new Refusal(403, 'bad_signature');
    if (Number(match[3]) < Date.now() / 1000) throw new Refusal(410, 'gone', 'this address has expired');
    const row = this.#store.get('SELECT message FROM media WHERE id = ?', match[2]);
    if (!row) throw new Refusal(410, 'gone', 'this file is no longer known');
    return JSON.parse(row.message);
  }

  /** @param {string} token @param {AbortSignal} signal @returns {Promise<{ mimeType: string | null, stream: Readable }>} */
  async open(token, signal) {
    const source = this.#source(token);
    const response = await fetch(this.#address(source), {
      headers: { Origin: 'https://web.whatsapp.com' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(MEDIA_FETCH_MS)]),
    }).catch(() => {
      throw new Refusal(502, 'unreachable', "WhatsApp's file server cannot be reached");
    });
    if ([403, 404, 410].includes(response.status))
      throw new Refusal(410, 'gone', 'WhatsApp no longer has this file');
    if (!response.ok || !response.body)
      throw new Refusal(502, 'unreachable', `WhatsApp answered ${response.status}`);
    const keys = await getMediaKeys(Buffer.from(source.key, 'base64'), source.type);
    const plain = new Decrypting(keys);
    const stream = Readable.fromWeb(/** @type {any} */ (response.body));
    stream.on('error', (fault) => plain.destroy(fault));
    return { mimeType: source.mime_type, stream: stream.pipe(plain) };
  }

  /** @param {{ direct_path: string | null, url: string | null }} source */
  #address({ direct_path: path, url }) {
    const way = path ?? (url && URL.canParse(url) ? new URL(url).pathname + new URL(url).search : '');
    const address = URL.canParse(this.#host + way) ? new URL(this.#host + way) : null;
    if (!way.startsWith('/') || address?.origin !== new URL(this.#host).origin) {
      throw new Refusal(410, 'gone', 'this message names no file that can be fetched');
    }
    return address;
  }
}

/** The plain bytes of what is written into it; an error at the end if anybody changed one on the way. */
class Decrypting extends Transform {
  #held = Buffer.alloc(0);
  #cipher;
  #mac;

  /** @param {Awaited<ReturnType<typeof getMediaKeys>>} keys */
  constructor({ cipherKey, iv, macKey }) {
    super();
    this.#cipher = createDecipheriv('aes-256-cbc', cipherKey, iv);
    this.#mac = createHmac('sha256', /** @type {Uint8Array} */ (macKey)).update(iv);
  }

  /** @param {Buffer} chunk @param {string} _ @param {(fault?: Error | null, data?: Buffer) => void} done */
  _transform(chunk, _, done) {
    const all = Buffer.concat([this.#held, chunk]);
    const body = all.subarray(0, Math.max(0, all.length - MAC_BYTES));
    this.#held = all.subarray(body.length);
    this.#mac.update(body);
    done(null, this.#cipher.update(body));
  }

  /** @param {(fault?: Error | null, data?: Buffer) => void} done */
  _flush(done) {
    if (!this.#mac.digest().subarray(0, MAC_BYTES).equals(this.#held))
      return done(new Error('the file was changed'));
    try {
      done(null, this.#cipher.final());
    } catch {
      done(new Error('the file cannot be decrypted'));
    }
  }
}
