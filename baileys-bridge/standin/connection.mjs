/**
 * One WebSocket: frames, handshake, then stanzas, one after another. What a stanza means is decided elsewhere
 * (`stanzas.mjs`); this knows only whether the client came to register or to sign in.
 */
import { FrameReader, frame } from './frames.mjs';
import { decodeBinaryNode, encodeBinaryNode, node, proto } from './library.mjs';
import { Handshake } from './noise.mjs';

export class Connection {
  /** The signed-in device, once there is one. */
  companion = null;
  /** While a new device waits to be linked: its ClientPayload's pairing data and the codes given to it. */
  registration = null;
  refs = [];
  /** Takes everything and answers nothing. */
  silent = false;
  /** The backlog is through: stanzas go as they come. */
  live = false;
  #socket;
  #reader = new FrameReader();
  #handshake;
  #transport = null;
  #work = Promise.resolve();
  #handlers;
  #closeAt;
  #expected = new Map();

  /**
   * @param {import('ws').WebSocket} socket
   * @param {object} options
   * @param {import('./noise.mjs').ServerIdentity} options.identity
   * @param {'hello' | 'finish' | undefined} options.closeAt cut it after this part of the handshake
   * @param {{ opened: (connection, payload) => Promise<void>, stanza: (connection, stanza) => Promise<void>,
   *   closed: (connection) => void, failed: (connection, error) => void }} handlers
   */
  constructor(socket, { identity, closeAt }, handlers) {
    this.#socket = socket;
    this.#handshake = new Handshake(identity);
    this.#closeAt = closeAt;
    this.#handlers = handlers;
    socket.on('message', (data) => this.#take(data));
    socket.on('close', () => this.#closed());
    socket.on('error', () => socket.terminate());
  }

  #take(data) {
    this.#work = this.#work
      .then(async () => {
        for (const one of this.#reader.push(Buffer.from(data))) await this.#frame(one);
      })
      .catch((error) => {
        this.#handlers.failed(this, error);
        this.drop();
      });
  }

  async #frame(bytes) {
    if (this.silent) return;
    if (this.#transport) {
      const stanza = await decodeBinaryNode(this.#transport.open(bytes));
      await this.#handlers.stanza(this, stanza);
    } else if (this.#handshake.greeted) {
      await this.#signIn(bytes);
    } else {
      this.#greet(bytes);
    }
  }

  #greet(bytes) {
    const answer = this.#handshake.hello(bytes);
    if (this.#closeAt === 'hello') return this.drop();
    this.#socket.send(frame(answer));
    return undefined;
  }

  async #signIn(bytes) {
    const { staticKey, payload, transport } = this.#handshake.finish(bytes);
    if (this.#closeAt === 'finish') return this.drop();
    this.#transport = transport;
    this.noiseKey = staticKey;
    return this.#handlers.opened(this, proto.ClientPayload.decode(payload));
  }

  /** The client's answer with this id. */
  whenHeard(id) {
    return new Promise((resolve, reject) => void this.#expected.set(id, { resolve, reject }));
  }

  heard(id, answer) {
    this.#expected.get(id)?.resolve(answer);
    this.#expected.delete(id);
  }

  #closed() {
    for (const { reject } of this.#expected.values()) reject(new Error('the device went away'));
    this.#expected.clear();
    this.#handlers.closed(this);
  }

  send(stanza) {
    if (this.silent || !this.#transport || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(frame(this.#transport.seal(encodeBinaryNode(stanza))));
  }

  /** A last stanza, and the end of the stream. */
  end(stanza) {
    if (stanza) this.send(stanza);
    this.#socket.close();
  }

  /** `<stream:error>` as `getErrorCodeFromStreamError` reads it. */
  streamError(code, content) {
    this.end(node('stream:error', { code }, content));
  }

  /** Cuts the line without a word. */
  drop() {
    this.#socket.terminate();
  }
}
