/**
 * Answers to `<iq>`, by their namespace: all that the library asks at its start and while it sends. What is asked and
 * not known gets an empty result and is listed in `unknownQueries`. The facts: baileys' `Socket/socket.js`,
 * `Socket/chats.js`, `Socket/messages-send.js`, `Socket/mex.js`.
 */
import { child, children, childrenNamed, jidDecode, node, SERVER, textOf } from './library.mjs';
import { hearFinish, hearHello } from './pairing.mjs';
import { usync } from './usync.mjs';

const MEDIA_TTL_SECONDS = 3600;
const MOST_MEDIA_BYTES = 100 * 1024 * 1024;
const REACHOUT_TIMELOCK = '23983697327930364';

const PRIVACY = {
  readreceipts: 'all',
  profile: 'all',
  status: 'all',
  online: 'all',
  last: 'all',
  groupadd: 'all',
  calladd: 'all',
  messages: 'all',
};

/** @type {Record<string, (server, connection, stanza) => import('./library.mjs').Node[] | null>} null: answered already */
const ANSWERS = {
  'w:p': () => [],
  passive: () => [],
  encrypt: keys,
  usync: (server, _connection, stanza) => usync(server, stanza),
  abt: () => [node('props', { protocol: '1', hash: 'standin', refresh: '86400' })],
  blocklist: () => [node('list', {})],
  privacy: (_server, _connection, stanza) =>
    stanza.attrs.type === 'get'
      ? [
          node(
            'privacy',
            {},
            Object.entries(PRIVACY).map(([name, value]) => node('category', { name, value })),
          ),
        ]
      : [],
  'w:m': (server) => [
    node(
      'media_conn',
      { auth: 'standin', auth_ttl: MEDIA_TTL_SECONDS, ttl: MEDIA_TTL_SECONDS, max_buckets: '12' },
      [
        node('host', {
          hostname: server.media.host,
          maxContentLengthBytes: MOST_MEDIA_BYTES,
          type: 'primary',
        }),
      ],
    ),
  ],
  'w:sync:app:state': (_server, _connection, stanza) => [
    node(
      'sync',
      {},
      childrenNamed(child(stanza, 'sync'), 'collection').map(({ attrs }) =>
        node('collection', { name: attrs.name, version: attrs.version, has_more_patches: 'false' }),
      ),
    ),
  ],
  'w:g2': () => [node('groups', {})],
  'w:profile:picture': () => [node('error', { code: '404', text: 'item-not-found' })],
  'w:mex': (server, connection, stanza) => [node('result', {}, mex(server, connection, stanza))],
  'w:biz': () => [node('business_profile', {})],
  'w:stats': () => [],
  'urn:xmpp:whatsapp:dirty': () => [],
  status: () => [],
  md: linkedDevices,
};

export function answerQuery(server, connection, stanza) {
  const { xmlns, id, type } = stanza.attrs;
  const answer = ANSWERS[xmlns];
  if (!answer) server.unknownQueries.push({ xmlns, type, asked: children(stanza).map(({ tag }) => tag) });
  const content = answer ? answer(server, connection, stanza) : [];
  if (content) connection.send(node('iq', { from: SERVER, type: 'result', id }, content));
  if (child(stanza, 'remove-companion-device')) server.unlink(connection.companion);
}

function keys(server, { companion }, stanza) {
  if (stanza.attrs.type === 'set') {
    companion.takeKeys(stanza);
    return [];
  }
  if (child(stanza, 'count'))
    return [node('count', { value: server.settings.preKeyCount ?? companion.preKeyCount })];
  if (child(stanza, 'digest')) return [node('digest', {}, [node('identity', {}, companion.identity)])];
  const asked = childrenNamed(child(stanza, 'key'), 'user');
  return [
    node(
      'list',
      {},
      asked.map(({ attrs }) => userKeys(server, attrs.jid)),
    ),
  ];
}

function userKeys(server, jid) {
  const device = server.people.byJid(jid)?.devices[jidDecode(jid).device ?? 0];
  return device
    ? device.userNode(jid)
    : node('user', { jid }, [node('error', { code: '404', text: 'item-not-found' })]);
}

/** Facebook's own queries, as JSON: whether the account may begin new chats, and how many. */
function mex(server, { companion }, stanza) {
  const query = child(stanza, 'query');
  const lock = server.reachoutTimeLock(companion?.person);
  const data =
    query?.attrs.query_id === REACHOUT_TIMELOCK
      ? { xwa2_fetch_account_reachout_timelock: lock }
      : { xwa2_message_capping_info: { capping_status: 'NONE', total_quota: 1000, used_quota: 0 } };
  server.mexQueries.push({ id: query?.attrs.query_id, variables: textOf(query) });
  return Buffer.from(JSON.stringify({ data }));
}

function linkedDevices(server, connection, stanza) {
  const link = child(stanza, 'link_code_companion_reg');
  if (!link) return [];
  (link.attrs.stage === 'companion_hello' ? hearHello : hearFinish)(server, connection, stanza);
  return null;
}
