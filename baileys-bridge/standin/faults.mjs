/**
 * Ways in which a connection breaks. The numbers are those that `getErrorCodeFromStreamError` (baileys'
 * `Utils/generics.js`) and `DisconnectReason` make of it.
 */
import { node } from './library.mjs';
import { conflict, fail } from './stanzas.mjs';

const KINDS = {
  /** 515. */
  restart: ({ connection }) => connection.streamError(515),
  /** 503. */
  unavailable: ({ connection }) => connection.streamError(503),
  /** 500: a stream error without a reason. */
  bad_session: ({ connection }) => connection.streamError(500),
  /** 440: the same device connected elsewhere. */
  replaced: ({ connection }) => conflict(connection),
  /** 401: taken off the account on the phone; signing in fails ever after. */
  logged_out: (companion, server) => server.unlink(companion),
  /** 403, and whenever it comes again. */
  banned: (companion, server) => refuse(server, companion, 403),
  /** 405: too old a version, and whenever it comes again. */
  version: (companion, server) => refuse(server, companion, 405),
  /** 428: the server ends the stream. */
  end: ({ connection }) => connection.end(node('xmlstreamend')),
  /** 428: the line is cut. */
  drop: ({ connection }) => connection.drop(),
  /** What it acknowledges is lost on the way, until `hearing`: it is told all that again. */
  deaf: (companion) => {
    companion.deaf = true;
  },
  hearing: (companion) => {
    companion.deaf = false;
  },
  /** Takes everything and answers nothing, not even a ping. */
  silence: ({ connection }) => {
    connection.silent = true;
  },
};

export const faultKinds = Object.keys(KINDS);

function refuse(server, companion, reason) {
  server.refusals.set(companion.person.number, reason);
  if (companion.connection) fail(companion.connection, reason);
}

export function breakConnection(server, companion, kind) {
  const act = KINDS[kind];
  if (!act) throw new Error(`no such fault: ${kind}`);
  const needsNone = ['logged_out', 'banned', 'version', 'deaf', 'hearing'].includes(kind);
  if (!companion.connection && !needsNone) throw new Error('the device is not connected');
  act(companion, server);
}
