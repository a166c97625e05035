/**
 * One message at a time, with the pauses of a person who types. What would have to wait longer than the server does is
 * refused before anything was done with it.
 */
import { SEND_WAIT_MS, SENDS_PER_NUMBER_PER_MINUTE, SENDS_WAITING } from './limits.mjs';

export class Busy extends Error {
  /** @param {number} afterMs */
  constructor(afterMs) {
    super('too many messages are waiting');
    this.afterS = Math.max(1, Math.ceil(afterMs / 1000));
  }
}

/** Whoever asked has gone before the turn came. */
export class GaveUp extends Error {}

const MINUTE_MS = 60_000;

export class Pace {
  #intervalMs;
  #random;
  #waiting = 0;
  /** @type {Promise<void>} */
  #last = Promise.resolve();
  #notBeforeMs = 0;
  /** @type {Map<string, number[]>} when each number got its messages of the last minute */
  #recent = new Map();

  /** @param {{ intervalMs: number, random?: () => number }} options an interval of 0: no pauses and no cap */
  constructor({ intervalMs, random = Math.random }) {
    this.#intervalMs = intervalMs;
    this.#random = random;
  }

  /**
   * @template T
   * @param {string} number @param {AbortSignal} signal @param {number} slowness 1, or more for a new device
   * @param {() => Promise<T>} work @returns {Promise<T>}
   */
  async inTurn(number, signal, slowness, work) {
    this.#refuseWhatWaitsTooLong(number, slowness);
    const before = this.#last;
    const { promise, resolve } = opened();
    this.#last = promise;
    this.#waiting += 1;
    try {
      await before;
      await this.#pause(signal);
      if (signal.aborted) throw new GaveUp();
      this.#note(number, slowness);
      return await work();
    } finally {
      this.#waiting -= 1;
      resolve();
    }
  }

  /** @param {string} number @param {number} slowness */
  #refuseWhatWaitsTooLong(number, slowness) {
    const now = Date.now();
    const turnMs = Math.max(0, this.#notBeforeMs - now) + this.#waiting * this.#intervalMs * slowness;
    if (this.#waiting >= SENDS_WAITING || turnMs > SEND_WAIT_MS) throw new Busy(turnMs);
    const recent = (this.#recent.get(number) ?? []).filter((at) => at > now - MINUTE_MS);
    if (this.#intervalMs > 0 && recent.length >= SENDS_PER_NUMBER_PER_MINUTE) {
      throw new Busy(recent[0] + MINUTE_MS - now);
    }
  }

  /** @param {AbortSignal} signal */
  async #pause(signal) {
    const pauseMs = this.#notBeforeMs - Date.now();
    if (pauseMs > 0) await sleep(pauseMs, signal);
  }

  /** @param {string} number @param {number} slowness */
  #note(number, slowness) {
    const now = Date.now();
    this.#notBeforeMs = now + this.#intervalMs * slowness * (0.7 + this.#random() * 0.6);
    if (this.#intervalMs === 0) return;
    for (const [other, times] of this.#recent) {
      if (times[times.length - 1] <= now - MINUTE_MS) this.#recent.delete(other);
    }
    const recent = (this.#recent.get(number) ?? []).filter((at) => at > now - MINUTE_MS);
    this.#recent.set(number, [...recent, now]);
  }
}

function opened() {
  /** @type {() => void} */
  let resolve = () => {};
  /** @type {Promise<void>} */
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Ends early, without a fault, when the signal comes. @param {number} ms @param {AbortSignal} [signal] */
export function sleep(ms, signal) {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(undefined);
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve(undefined);
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
