/**
 * Files to send: the server's own, and such as stand on the public web. A person chose the address of the latter, so
 * nothing private is asked: what a name stands for is checked where the connection is made, and at each redirect anew.
 */
import { lookup } from 'node:dns';
import { once } from 'node:events';
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { BlockList, isIP } from 'node:net';
import { MEDIA_FETCH_MS, MEDIA_REDIRECTS, OUTGOING_MEDIA_BYTES } from './limits.mjs';
import { Refusal } from './refusal.mjs';

/** A file of the server's own, as a path. */
export const OWN = /^\/media\/files\/[\w.~-]{1,2000}$/;

/** What is nobody's in public: the registries of special-purpose addresses (RFC 6890). @type {[string, number][]} */
const NOT_PUBLIC_4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** Of IPv6 only global unicast is public, without what leads elsewhere. @type {[string, number][]} */
const NOT_PUBLIC_6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const closed = new BlockList();
for (const [net, bits] of NOT_PUBLIC_4) closed.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of NOT_PUBLIC_6) closed.addSubnet(net, bits, 'ipv6');
const open = new BlockList();
open.addSubnet('2000::', 3, 'ipv6');

/** @param {string} address */
export function isPublic(address) {
  const family = isIP(address);
  if (family === 4) return !closed.check(address, 'ipv4');
  return family === 6 && open.check(address, 'ipv6') && !closed.check(address, 'ipv6');
}

class NotPublic extends Error {}

/** In the place of `dns.lookup`: one address that is not public spoils the name. @type {import('node:net').LookupFunction} */
function lookUp(name, options, done) {
  lookup(name, { ...options, all: true }, (fault, found) => {
    if (fault) return done(fault, '', 0);
    if (!found.every(({ address }) => isPublic(address))) return done(new NotPublic(name), '', 0);
    if (options.all) return done(null, found);
    done(null, found[0].address, found[0].family);
  });
}

/**
 * @param {string} address a path of the server's, or an address on the web
 * @param {string} serverUrl @param {AbortSignal} signal
 * @returns {Promise<Buffer>}
 */
export async function fetchFile(address, serverUrl, signal) {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(MEDIA_FETCH_MS)]);
  try {
    const own = OWN.test(address);
    return await bounded(await answer(new URL(own ? serverUrl + address : address), own, deadline));
  } catch (fault) {
    if (fault instanceof Refusal) throw fault;
    if (fault instanceof NotPublic)
      throw new Refusal(422, 'invalid', 'the file does not stand on the public web');
    throw new Refusal(503, 'busy', 'the file to send could not be fetched');
  }
}

/**
 * @param {URL} url @param {boolean} own @param {AbortSignal} signal @param {number} [hops]
 * @returns {Promise<import('node:http').IncomingMessage>}
 */
async function answer(url, own, signal, hops = 0) {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!own && isIP(host) && !isPublic(host)) throw new NotPublic(host);
  const request = (url.protocol === 'https:' ? secure : plain)(url, {
    signal,
    agent: false,
    headers: { accept: '*/*' },
    ...(own ? {} : { lookup: lookUp }),
  });
  request.end();
  const [response] = await once(request, 'response');
  const { statusCode, headers } = response;
  if (statusCode === 200) return response;
  response.destroy();
  if (
    own ||
    ![301, 302, 303, 307, 308].includes(statusCode) ||
    !headers.location ||
    hops >= MEDIA_REDIRECTS
  ) {
    throw new Error(`answered ${statusCode}`);
  }
  const next = new URL(headers.location, url);
  if (!/^https?:$/.test(next.protocol)) throw new Error('leads away from the web');
  return answer(next, false, signal, hops + 1);
}

/** @param {AsyncIterable<Buffer>} body */
async function bounded(body) {
  /** @type {Buffer[]} */
  const pieces = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.byteLength;
    if (size > OUTGOING_MEDIA_BYTES) throw new Refusal(422, 'media_too_large', 'the file is too large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
