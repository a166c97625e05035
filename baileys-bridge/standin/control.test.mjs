import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Device } from './device.mjs';

const MAIN = fileURLToPath(new URL('main.mjs', import.meta.url));
const BUSINESS = '+972523000001';
const DANA = '+972543000001';

let folder;
let program;
let addresses;
let device;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standin-'));
  const certificate = join(folder, 'media.pem');
  program = spawn(
    process.execPath,
    [MAIN, '--everyone', '--pre-keys', '100', '--media-certificate', certificate, '--until-stdin-ends'],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const [line] = await once(createInterface({ input: program.stdout }), 'line');
  addresses = JSON.parse(line);
  assert.equal(await readFile(certificate, 'utf8'), addresses.media_certificate);
  device = new Device({
    url: addresses.ws,
    identity: { rootPublicKey: Buffer.from(addresses.cert_public_key, 'hex') },
  });
});
after(async () => {
  await device.close();
  program.stdin.end();
  await once(program, 'exit');
  await rm(folder, { recursive: true });
});

async function call(action, body = {}) {
  const response = await fetch(`${addresses.control}/${action}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return { status: response.status, ...(await response.json()) };
}

test('by HTTP: linked, written to, written from, received, broken', async () => {
  device.connect();
  const qr = await device.until(() => device.qr);
  assert.equal((await call('scan', { qr, phone: BUSINESS, name: 'עסק' })).business, BUSINESS);
  await device.ready();
  assert.equal((await call('wait_until_connected', { business: BUSINESS })).connected, true);

  const { lid } = await call('put_contact', { phone: DANA, name: 'דנה' });
  const { ids } = await call('write', { business: BUSINESS, from: DANA, text: 'שלום', count: 2 });
  await device.until(() => ids.every((id) => device.messages.some(({ key }) => key.id === id)));
  await call('wait_until_taken', { business: BUSINESS });

  await device.sock.sendMessage(`${lid}@lid`, { text: 'תשובה' }, { messageId: 'AGHTTP1' });
  const { messages } = await call('wait_for_messages', { id: 'AGHTTP1', readable: true });
  assert.deepEqual([messages[0].text, messages[0].phone, messages[0].frames], ['תשובה', DANA, 1]);
  await device.until(() => device.statusesOf('AGHTTP1').length);
  await call('receipt', { id: 'AGHTTP1', type: 'delivered' });
  await device.until(() => device.statusesOf('AGHTTP1').at(-1) === 3);

  await call('fault', { business: BUSINESS, kind: 'logged_out' });
  await device.until(() => device.lastCode === 401);
  const { accounts, unknown_queries: unknown, faults } = await call('state');
  assert.deepEqual([accounts[0].removed, unknown, faults], [true, [], []]);
});

test('what cannot be done is said', async () => {
  assert.deepEqual(await call('write', { business: '+972520000000', from: DANA }), {
    status: 400,
    error: 'no device of +972520000000 is linked',
  });
  const unknown = await call('dance');
  assert.equal(unknown.status, 404);
  assert.match(unknown.error, /put_contact/);
});
