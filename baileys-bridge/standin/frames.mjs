/**
 * WhatsApp's frames inside the WebSocket's: three bytes of length, then that many. The client's first bytes are an
 * introduction, `WA` 6 3, before which may stand `ED` 0 1 with the routing that an earlier connection was given
 * (baileys' `encodeFrame` in `Utils/noise-handler.js`).
 */
import { PROLOGUE } from './noise.mjs';

const ROUTING = Buffer.from([0x45, 0x44, 0, 1]);
const LENGTH_BYTES = 3;

export function frame(data) {
  const head = Buffer.alloc(LENGTH_BYTES);
  head.writeUIntBE(data.length, 0, LENGTH_BYTES);
  return Buffer.concat([head, data]);
}

/** Cuts what comes into frames, however it comes. */
export class FrameReader {
  #bytes = Buffer.alloc(0);
  #introduced = false;

  /** @returns {Buffer[]} the frames that are whole by now */
  push(chunk) {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (!this.#introduced && !this.#takeIntroduction()) return [];
    const frames = [];
    for (;;) {
      const size = this.#bytes.length >= LENGTH_BYTES ? this.#bytes.readUIntBE(0, LENGTH_BYTES) : Infinity;
      if (this.#bytes.length < LENGTH_BYTES + size) return frames;
      frames.push(this.#cut(LENGTH_BYTES + size).subarray(LENGTH_BYTES));
    }
  }

  #cut(count) {
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  #takeIntroduction() {
    let start = 0;
    if (this.#bytes.subarray(0, 2).equals(ROUTING.subarray(0, 2))) {
      if (this.#bytes.length < ROUTING.length + LENGTH_BYTES) return false;
      start = ROUTING.length + LENGTH_BYTES + this.#bytes.readUIntBE(ROUTING.length, LENGTH_BYTES);
    }
    if (this.#bytes.length < start + PROLOGUE.length) return false;
    if (!this.#bytes.subarray(start, start + PROLOGUE.length).equals(PROLOGUE))
      throw new Error('not WhatsApp Web');
    this.#cut(start + PROLOGUE.length);
    this.#introduced = true;
    return true;
  }
}
