/** The server's side: takes events as the real one does and signs requests, and remembers all of it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { nonce, refusal, signedHeaders } from '../../src/signing.mjs';
import { until } from './until.mjs';

export const SECRET = 'a secret between the two of us, long enough';

export class FakeServer {
  /** Every event in the order of its arrival, repeats included. */
  events = [];
  /** Requests that were not signed as they must be. */
  faults = [];
  /** What to answer next instead of 204; `hang` answers nothing and still has taken the event. */
  answers = [];
  /** Files to send, by the end of their path. */
  files = new Map();
  /** Which process of the bridge is running: counted up by whoever starts one. */
  generation = 0;
  bridgeUrl = '';
  #http;

  static async start() {
    const server = new FakeServer();
    server.#http = createServer((request, response) => server.#take(request, response));
    server.#http.listen(0, '127.0.0.1');
    await once(server.#http, 'listening');
    server.url = `http://127.0.0.1:${server.#http.address().port}`;
    return server;
  }

  async #take(request, response) {
    if (request.url.startsWith('/media/files/')) return this.#give(request.url.split('/').at(-1), response);
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const body = Buffer.concat(pieces);
    const why = refusal(SECRET, { method: request.method, target: request.url, body }, request.headers);
    if (why || !/[?&]n=[0-9a-f]{16,}/.test(request.url)) this.faults.push(why ?? 'no n=');
    const answer = this.answers.shift() ?? 204;
    if (answer === 'hang') {
      this.events.push(JSON.parse(body));
      return request.socket.destroy();
    }
    if (answer === 204) this.events.push({ ...JSON.parse(body), generation: this.generation });
    response.writeHead(answer).end();
  }

  #give(name, response) {
    const file = this.files.get(name);
    response.writeHead(file ? 200 : 404).end(file);
  }

  of(event, business) {
    return this.events
      .filter((one) => one.event === event && (business === undefined || one.business_id === business))
      .map((one) => one.data);
  }

  get messages() {
    return this.of('message');
  }

  statusesOf(id) {
    return this.of('status')
      .filter((one) => one.id === id)
      .map((one) => one.status);
  }

  until(what, look, limitMs) {
    return until(what, () => look(this), limitMs);
  }

  /** A signed request to the bridge. */
  async ask(method, path, body, { atMs = Date.now(), secret = SECRET, headers = {}, n = nonce() } = {}) {
    const target = `${path}${path.includes('?') ? '&' : '?'}n=${n}`;
    const text = body === undefined ? '' : JSON.stringify(body);
    const signed = signedHeaders(secret, { method, target, body: text }, atMs);
    const response = await fetch(this.bridgeUrl + target, {
      method,
      headers: { ...signed, ...headers },
      ...(text ? { body: text } : {}),
      signal: AbortSignal.timeout(20_000),
    });
    const said = await response.text();
    return { status: response.status, body: said ? JSON.parse(said) : null, headers: response.headers };
  }

  stop() {
    this.#http.closeAllConnections();
    return new Promise((resolve) => this.#http.close(resolve));
  }
}
