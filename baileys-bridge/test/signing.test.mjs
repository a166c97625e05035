import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { nonce, refusal, signature, signedHeaders } from '../src/signing.mjs';
import { SECRET } from './support/server.mjs';
import { World } from './support/world.mjs';

let world;

before(async () => {
  world = await World.start();
});
after(() => world.stop());

const HOUR_MS = 3600_000;
const request = { method: 'POST', target: '/x?n=1', body: '{}' };

test('the text that is signed is the one of the contract', () => {
  // printf '1700000000\nPOST\n/x?n=1\n{}' | openssl dgst -sha256 -hmac secret
  const expected = '50b71a31fe88036564fb71bb03753b030bfd2728fbd43275b76c02a284d46e4f';
  assert.equal(signature('secret', 1_700_000_000, request), `sha256=${expected}`);
  assert.equal(signature('a', 1, request), signature('a', 1, { ...request, body: Buffer.from('{}') }));
});

test('every part of a request is signed', () => {
  const headers = signedHeaders(SECRET, request);
  assert.equal(refusal(SECRET, request, headers), null);
  for (const change of [{ method: 'PUT' }, { target: '/x?n=2' }, { body: '{ }' }]) {
    assert.equal(refusal(SECRET, { ...request, ...change }, headers), 'bad_signature');
  }
  assert.equal(refusal(`${SECRET}x`, request, headers), 'bad_signature');
  assert.equal(refusal(SECRET, request, {}), 'unsigned');
  assert.equal(refusal(SECRET, request, { ...headers, 'x-wa-timestamp': 'now' }), 'unsigned');
  const later = String(Number(headers['x-wa-timestamp']) + 1);
  assert.equal(refusal(SECRET, request, { ...headers, 'x-wa-timestamp': later }), 'bad_signature');
});

test('clocks may differ by five minutes, in either direction', () => {
  for (const [skewS, why] of [
    [-299, null],
    [299, null],
    [-302, 'stale'],
    [302, 'stale'],
  ]) {
    const headers = signedHeaders(SECRET, request, Date.now() + skewS * 1000);
    assert.equal(refusal(SECRET, request, headers), why, String(skewS));
  }
});

test('the bridge answers nobody who cannot sign', async () => {
  const bare = await fetch(`${world.server.bridgeUrl}/sessions/1/status`);
  assert.equal(bare.status, 403);
  assert.deepEqual((await bare.json()).error, 'unsigned');
  const wrong = await world.ask('GET', '/sessions/1/status', undefined, { secret: 'another secret' });
  assert.equal(wrong.body.error, 'bad_signature');
  const old = await world.ask('GET', '/sessions/1/status', undefined, { atMs: Date.now() - HOUR_MS });
  assert.equal(old.body.error, 'stale');
});

test('a write that was seen is refused, also after a restart, and a read is not', async () => {
  const path = '/sessions/1/logout';
  const same = { atMs: Date.now(), n: nonce() };
  assert.equal((await world.ask('POST', path, undefined, same)).status, 204);
  const again = await world.ask('POST', path, undefined, same);
  assert.deepEqual([again.status, again.body.error], [403, 'replayed']);
  await world.restart('SIGKILL');
  assert.equal((await world.ask('POST', path, undefined, same)).body.error, 'replayed');
  for (let times = 0; times < 2; times++) {
    assert.equal((await world.ask('GET', '/sessions/1/status', undefined, same)).status, 200);
  }
});

test('health is open and says nothing', async () => {
  const answer = await fetch(`${world.server.bridgeUrl}/health`);
  assert.deepEqual([answer.status, await answer.json()], [200, { ok: true }]);
});

test('what cannot be understood is refused in words', async () => {
  const cases = [
    ['GET', '/sessions/1/nothing', undefined, 404, 'not_found'],
    ['GET', '/sessions/x/status', undefined, 404, 'not_found'],
    ['DELETE', '/sessions/1/status', undefined, 405, 'method_not_allowed'],
    ['POST', '/sessions/1/send', {}, 422, 'invalid'],
    ['POST', '/sessions/1/send', { id: 'a b', to: '+972501234567', kind: 'text', text: 'x' }, 422, 'invalid'],
    [
      'POST',
      '/sessions/1/send',
      { id: 'a', to: '+972501234567', kind: 'image', media_url: 'file:///etc/passwd' },
      422,
      'invalid',
    ],
    ['POST', '/sessions/1/pair', { phone: 'none' }, 422, 'invalid'],
    ['GET', '/sessions/1/on_whatsapp', undefined, 422, 'invalid'],
  ];
  for (const [method, path, body, status, error] of cases) {
    const answer = await world.ask(method, path, body);
    assert.deepEqual([path, answer.status, answer.body.error], [path, status, error]);
  }
  const large = await world
    .ask('POST', '/sessions/1/send', { text: 'x'.repeat(1024 * 1024) })
    .catch(() => ({ status: 413 }));
  assert.equal(large.status, 413);
});

test('without a secret, which only development allows, nothing but health is answered', async () => {
  const open = await World.start({ APP_ENV: 'development', WA_SHARED_SECRET: '' });
  try {
    const answer = await open.ask('GET', '/sessions/1/status');
    assert.deepEqual([answer.status, answer.body.error], [503, 'no_secret']);
    assert.equal((await fetch(`${open.server.bridgeUrl}/health`)).status, 200);
    assert.match(open.bridge.output, /WA_SHARED_SECRET is not set/);
  } finally {
    await open.stop();
  }
});
