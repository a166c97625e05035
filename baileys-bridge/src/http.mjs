/** The door: bodies of a known size, signatures, replays, answers. What is asked stands in api.mjs. */
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { route } from './api.mjs';
import { BODY_BYTES, REPLAYS_KEPT_MS } from './limits.mjs';
import { reasonOf } from './log.mjs';
import { Refusal } from './refusal.mjs';
import { refusal } from './signing.mjs';

/**
 * @typedef {import('node:http').IncomingMessage} Incoming
 * @typedef {import('node:http').ServerResponse} Outgoing
 */

/** Signatures of writes that were seen. */
export class Replays {
  #notes;

  /** @param {import('./store.mjs').Store} notes */
  constructor(notes) {
    this.#notes = notes;
  }

  /** @param {string} signature @returns {boolean} false: it was seen before */
  isFirst(signature) {
    const now = Date.now();
    this.#notes.run('DELETE FROM replays WHERE at < ?', now - REPLAYS_KEPT_MS);
    return (
      this.#notes.run('INSERT OR IGNORE INTO replays (signature, at) VALUES (?, ?)', signature, now) === 1
    );
  }
}

/** @param {import('./bridge.mjs').Bridge} bridge */
export function makeServer(bridge) {
  const server = createServer((request, response) => {
    answer(bridge, request, response).catch((fault) => fail(bridge, response, fault));
  });
  server.requestTimeout = 30_000;
  return server;
}

/** @param {import('./bridge.mjs').Bridge} bridge @param {Incoming} request @param {Outgoing} response */
async function answer(bridge, request, response) {
  const target = request.url ?? '/';
  const url = new URL(target, 'http://bridge');
  if (url.pathname === '/health') return reply(response, 200, { ok: true });
  const signal = goneSignal(response);
  if (request.method === 'GET' && url.pathname.startsWith('/media/')) {
    return sendFile(bridge, url.pathname.slice('/media/'.length), response, signal);
  }
  const body = await readBody(request);
  checkSignature(bridge, request, target, body);
  const { business, act } = route(request.method ?? '', url.pathname);
  const { status, body: said } = await act(bridge.session(business), { url, body: parsed(body), signal });
  reply(response, status, said);
}

/** @param {import('./bridge.mjs').Bridge} bridge @param {Incoming} request @param {string} target @param {Buffer} body */
function checkSignature(bridge, { method = '', headers }, target, body) {
  const { secret } = bridge.settings;
  if (secret === null)
    throw new Refusal(503, 'no_secret', 'WA_SHARED_SECRET is not set: nothing is answered without it');
  const why = refusal(secret, { method, target, body }, headers);
  if (why) throw new Refusal(403, why);
  const write = method !== 'GET' && method !== 'HEAD';
  if (write && !bridge.replays.isFirst(String(headers['x-wa-signature']).toLowerCase()))
    throw new Refusal(403, 'replayed');
}

/** @param {import('./bridge.mjs').Bridge} bridge @param {string} token @param {Outgoing} response @param {AbortSignal} signal */
async function sendFile(bridge, token, response, signal) {
  const { mimeType, stream } = await bridge.media.open(token, signal);
  response.writeHead(200, {
    'content-type': mimeType ?? 'application/octet-stream',
    'cache-control': 'no-store',
  });
  await pipeline(stream, response);
}

/** @param {Incoming} request @returns {Promise<Buffer>} */
async function readBody(request) {
  const pieces = [];
  let size = 0;
  for await (const piece of request) {
    size += piece.length;
    if (size > BODY_BYTES) throw new Refusal(413, 'too_large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** @param {Buffer} body */
function parsed(body) {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Refusal(400, 'invalid_json');
  }
}

/** @param {Outgoing} response */
function goneSignal(response) {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** @param {Outgoing} response @param {number} status @param {unknown} [body] */
function reply(response, status, body) {
  if (response.headersSent || response.destroyed) return;
  if (body === undefined) return void response.writeHead(status).end();
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** @param {import('./bridge.mjs').Bridge} bridge @param {Outgoing} response @param {unknown} fault */
function fail(bridge, response, fault) {
  if (response.headersSent) return void response.destroy();
  if (!(fault instanceof Refusal)) {
    bridge.log.error('a request failed', { fault: reasonOf(fault) });
    return reply(response, 500, { error: 'internal' });
  }
  const { status, error, message, more } = fault;
  if (more.retry_after) response.setHeader('retry-after', String(more.retry_after));
  if (status === 413) response.setHeader('connection', 'close');
  reply(response, status, { error, detail: message, ...more });
}
