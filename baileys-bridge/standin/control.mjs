/**
 * The stand-in by HTTP, for tests in other languages: `POST /{action}` with JSON, answered with JSON; what went wrong is
 * 400 `{ "error": "…" }`. Loopback only, and without any secret: it belongs to tests. The README lists the actions.
 */

import { kinds } from './content.mjs';
import { faultKinds } from './faults.mjs';

const MOST_BODY_BYTES = 32 * 1024 * 1024;

/** @type {Record<string, (standIn: import('./standin.mjs').StandIn, body: any) => unknown>} */
const ACTIONS = {
  state: (standIn) => ({
    ...standIn.addresses,
    accounts: standIn.companions,
    contacts: standIn.people.all(),
    connections: standIn.connections.length,
    unknown_queries: standIn.unknownQueries,
    faults: standIn.faults,
    kinds,
    fault_kinds: faultKinds,
  }),
  settings: (standIn, { pre_key_count, ask_again, everyone }) => {
    const given = { preKeyCount: pre_key_count, askAgain: ask_again, everyone };
    for (const [name, value] of Object.entries(given))
      if (value !== undefined) standIn.settings[name] = value;
    return standIn.settings;
  },
  put_contact: (standIn, body) => standIn.putContact(body),
  scan: (standIn, body) => standIn.scan(body),
  enter_code: (standIn, body) => standIn.enterCode(body),
  write: async (standIn, body) => ({ ids: await standIn.write(body) }),
  write_as_owner: async (standIn, body) => ({ ids: await standIn.writeAsOwner(body) }),
  messages: (standIn, body) => ({ messages: standIn.messages(body) }),
  wait_for_messages: async (standIn, { count = 1, wait_ms, readable, ...narrowed }) => {
    const found = () =>
      standIn.messages(narrowed).filter((one) => readable === undefined || one.readable === readable);
    await standIn.until(() => found().length >= count, wait_ms);
    return { messages: found() };
  },
  wait_for_receipt: async (standIn, { business, id, type, wait_ms }) => {
    const { receipts } = standIn.companionOf(business);
    return standIn.until(
      () => receipts.find((one) => one.id === id && (!type || one.type === type)),
      wait_ms,
    );
  },
  wait_until_connected: async (standIn, { business, connected = true, wait_ms }) => {
    const is = () =>
      standIn.companions.some((one) => `+${one.person.number}` === business && Boolean(one.connection?.live));
    await standIn.until(() => is() === connected, wait_ms);
    return { connected };
  },
  wait_until_taken: async (standIn, { business, wait_ms }) => {
    const companion = standIn.companionOf(business);
    await standIn.until(() => companion.unacknowledged === 0, wait_ms);
    return { unacknowledged: 0 };
  },
  file: (standIn, body) => {
    const { bytes, ...rest } = standIn.file(body);
    return { ...rest, size: bytes.length, base64: bytes.toString('base64') };
  },
  receipt: (standIn, body) => standIn.receipt(body),
  typing: (standIn, body) => standIn.typing(body),
  rule: (standIn, body) => standIn.rule(body),
  clear_rules: (standIn) => {
    standIn.rules = [];
    standIn.doors = [];
  },
  fault: (standIn, body) => standIn.fault(body),
  door: (standIn, body) => standIn.door(body),
  refuse: (standIn, body) => standIn.refuse(body),
  reachout_time_lock: (standIn, body) => standIn.setReachoutTimeLock(body),
  media_fault: (standIn, { upload = null }) => {
    standIn.media.uploadFault = upload;
  },
  traffic: (standIn) => ({ stanzas: standIn.traffic }),
};

async function bodyOf(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > MOST_BODY_BYTES) throw new Error('too long');
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8');
  return text ? JSON.parse(text) : {};
}

export async function answerControl(standIn, request, response) {
  const action = ACTIONS[new URL(request.url, 'http://control').pathname.slice(1)];
  const answer = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  if (!action) return answer(404, { error: `no such action; there are ${Object.keys(ACTIONS).join(', ')}` });
  try {
    return answer(200, (await action(standIn, await bodyOf(request))) ?? { ok: true });
  } catch (error) {
    return answer(400, { error: error.message });
  }
}
