/**
 * How a connection begins, registering or signing in, and what the server does with each stanza after it. The facts:
 * baileys' `Socket/socket.js` and `Socket/messages-recv.js`.
 */
import { announceBacklog, sendBacklog } from './backlog.mjs';
import { resend } from './incoming.mjs';
import { child, children, node, nowSeconds } from './library.mjs';
import { takeMessage } from './outgoing.mjs';
import { offerRefs } from './pairing.mjs';
import { answerQuery } from './queries.mjs';

/** The client named itself: a new device registers, a linked one signs in. */
export async function opened(server, connection, payload) {
  if (payload.devicePairingData) return offerRefs(connection, payload.devicePairingData);
  const companion = server.companions.find(
    ({ person, device }) => person.number === String(payload.username) && device === payload.device,
  );
  if (!companion || companion.removed || !companion.noiseKey.equals(connection.noiseKey))
    return fail(connection, 401);
  const refused = server.refusals.get(companion.person.number);
  if (refused) return fail(connection, refused);
  replace(companion, connection);
  const { lidJid, person } = companion;
  const attrs = {
    t: nowSeconds(),
    props: '27',
    companion_enc_static: 'standin',
    location: 'standin',
    lid: lidJid,
  };
  connection.send(node('success', { ...attrs, display_name: person.name }));
  return server.changed();
}

/** `<failure>`: 401 unknown or removed, 403 banned, 405 too old a version. */
export function fail(connection, reason) {
  connection.end(node('failure', { reason, location: 'standin' }));
}

/** A device is connected once: who came before goes with 440. */
function replace(companion, connection) {
  const before = companion.connection;
  companion.connection = connection;
  connection.companion = companion;
  if (before) conflict(before);
}

export function conflict(connection) {
  connection.streamError(undefined, [node('conflict', { type: 'replaced' })]);
}

const TAKERS = {
  iq: takeIq,
  message: takeMessage,
  ack: (_server, { companion }, { attrs }) => companion?.acknowledge(attrs.class, attrs.id, attrs.type ?? ''),
  receipt: takeReceipt,
  ib: (_server, connection, stanza) => {
    if (child(stanza, 'offline_batch')) sendBacklog(connection);
  },
  presence: (_server, { companion }, { attrs }) => companion?.presence.push({ ...attrs, at: Date.now() }),
  chatstate: (_server, { companion }, stanza) =>
    companion?.presence.push({ to: stanza.attrs.to, type: children(stanza)[0]?.tag, at: Date.now() }),
};

export async function takeStanza(server, connection, stanza) {
  server.note(connection, stanza);
  await TAKERS[stanza.tag]?.(server, connection, stanza);
  server.changed();
}

function takeIq(server, connection, iq) {
  const { type, id } = iq.attrs;
  if (type === 'result' || type === 'error') return connection.heard(id, iq);
  const answered = answerQuery(server, connection, iq);
  if (iq.attrs.xmlns === 'passive') announceBacklog(connection);
  return answered;
}

/**
 * A receipt is acknowledged, and is itself the acknowledgement of the message. `retry` is none: the device could not
 * read the message and asks its writer for it again.
 */
async function takeReceipt(_server, connection, receipt) {
  const { companion } = connection;
  const { id, to, type } = receipt.attrs;
  connection.send(node('ack', { id, class: 'receipt', from: to, type, t: nowSeconds() }));
  if (type === 'retry') return resend(companion, receipt);
  const list = child(receipt, 'list');
  const ids = [id, ...(list ? children(list).map(({ attrs }) => attrs.id) : [])];
  for (const one of ids) {
    companion.receipts.push({ id: one, to, type: type ?? 'delivered', at: Date.now() });
    companion.acknowledge('message', one);
  }
  return undefined;
}
