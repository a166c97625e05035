/**
 * What waited for a linked device while it was away. After it has said that it is active the server tells how much
 * there is (`offline_preview`), the device asks for a batch, once, and gets all of it marked `offline`; then comes
 * `offline`, and from there on stanzas go as they come (baileys' `CB:ib,,offline_preview` and `CB:ib,,offline`).
 */
import { node, SERVER } from './library.mjs';

export function announceBacklog(connection) {
  const { count, message, receipt, notification } = connection.companion.backlog();
  connection.backlog = count;
  if (count === 0) return finish(connection);
  const preview = node('offline_preview', { count, message, receipt, notification, appdata: '0', call: '0' });
  return connection.send(node('ib', { from: SERVER }, [preview]));
}

export function sendBacklog(connection) {
  if (connection.live) return;
  connection.companion.sendBacklog();
  finish(connection);
}

function finish(connection) {
  connection.send(node('ib', { from: SERVER }, [node('offline', { count: connection.backlog })]));
  connection.live = true;
  connection.companion.sendLate();
}
