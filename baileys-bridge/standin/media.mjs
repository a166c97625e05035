/**
 * WhatsApp's media host: encrypted files, over TLS because the library knows no other way. The format is that of
 * `encryptedStream` and `downloadEncryptedContent` in baileys' `Utils/messages-media.js`.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import { selfSigned } from './certificate.mjs';

const INFO = {
  image: 'WhatsApp Image Keys',
  sticker: 'WhatsApp Image Keys',
  video: 'WhatsApp Video Keys',
  audio: 'WhatsApp Audio Keys',
  voice: 'WhatsApp Audio Keys',
  document: 'WhatsApp Document Keys',
};
const MAC_BYTES = 10;
const MOST_UPLOAD_BYTES = 128 * 1024 * 1024;

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();

function keysOf(mediaKey, kind) {
  const all = Buffer.from(hkdfSync('sha256', mediaKey, Buffer.alloc(0), INFO[kind], 112));
  return { iv: all.subarray(0, 16), cipher: all.subarray(16, 48), mac: all.subarray(48, 80) };
}

export function encryptFile(bytes, kind) {
  const mediaKey = randomBytes(32);
  const { iv, cipher, mac } = keysOf(mediaKey, kind);
  const aes = createCipheriv('aes-256-cbc', cipher, iv);
  const sealed = Buffer.concat([aes.update(bytes), aes.final()]);
  const sum = createHmac('sha256', mac).update(iv).update(sealed).digest().subarray(0, MAC_BYTES);
  return { mediaKey, blob: Buffer.concat([sealed, sum]) };
}

/** Opens a file as a phone would, checksum and all. */
export function decryptFile(blob, mediaKey, kind) {
  const { iv, cipher, mac } = keysOf(mediaKey, kind);
  const sealed = blob.subarray(0, -MAC_BYTES);
  const sum = createHmac('sha256', mac).update(iv).update(sealed).digest().subarray(0, MAC_BYTES);
  if (!sum.equals(blob.subarray(-MAC_BYTES))) throw new Error('the file is not what was sealed');
  const aes = createDecipheriv('aes-256-cbc', cipher, iv);
  return Buffer.concat([aes.update(sealed), aes.final()]);
}

export class MediaHost {
  #blobs = new Map();
  #server;
  uploads = 0;
  downloads = 0;
  /** `refuse` answers uploads with 500, `hang` never answers them. */
  uploadFault = null;

  static async start() {
    const host = new MediaHost();
    host.tls = selfSigned();
    host.#server = createServer(host.tls, (request, response) => host.#answer(request, response));
    await new Promise((resolve) => host.#server.listen(0, '127.0.0.1', resolve));
    host.host = `127.0.0.1:${host.#server.address().port}`;
    return host;
  }

  /**
   * Stores a file as if a contact had uploaded it, and gives the fields of its message.
   * @param {'missing' | 'corrupt'} [fault] what is wrong with it when it is fetched
   */
  put(kind, bytes, fault) {
    const { mediaKey, blob } = encryptFile(bytes, kind);
    const path = `/m/${sha256(blob).toString('base64url')}`;
    if (fault !== 'missing') this.#blobs.set(path, fault === 'corrupt' ? randomBytes(blob.length) : blob);
    return {
      url: `https://${this.host}${path}`,
      directPath: path,
      mediaKey,
      mediaKeyTimestamp: Math.floor(Date.now() / 1000),
      fileSha256: sha256(bytes),
      fileEncSha256: sha256(blob),
      fileLength: bytes.length,
    };
  }

  /** The contents of a file in a message that a linked device sent. */
  open(message, kind) {
    const blob = this.#blobs.get(message.directPath);
    if (!blob) throw new Error('the file was never uploaded');
    if (!sha256(blob).equals(Buffer.from(message.fileEncSha256)))
      throw new Error('another file than the message says');
    const bytes = decryptFile(blob, Buffer.from(message.mediaKey), kind);
    if (!sha256(bytes).equals(Buffer.from(message.fileSha256)))
      throw new Error('other contents than the message says');
    return bytes;
  }

  #answer(request, response) {
    const path = new URL(request.url, 'https://media').pathname;
    if (request.method === 'POST') return this.#upload(request, response);
    const blob = this.#blobs.get(path);
    this.downloads += 1;
    response.writeHead(blob ? 200 : 404, { 'content-type': 'application/octet-stream' });
    return response.end(blob);
  }

  #upload(request, response) {
    const parts = [];
    let size = 0;
    request.on('data', (part) => {
      size += part.length;
      if (size > MOST_UPLOAD_BYTES) request.destroy();
      parts.push(part);
    });
    request.on('end', () => {
      if (this.uploadFault === 'hang') return;
      if (this.uploadFault) return void response.writeHead(500).end('{}');
      this.uploads += 1;
      const blob = Buffer.concat(parts);
      const path = `/m/${sha256(blob).toString('base64url')}`;
      this.#blobs.set(path, blob);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ url: `https://${this.host}${path}`, direct_path: path }));
    });
  }

  stop() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}
