/** Files to send: from the server itself, from the public web, from nowhere else. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { fetchFile, isPublic } from '../src/fetching.mjs';

let server;
let url;
let asked = [];

before(async () => {
  server = createServer((request, response) => {
    asked.push(request.url);
    if (request.url.endsWith('moved')) response.writeHead(302, { location: '/metrics' }).end();
    else response.end('bytes');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());

const fetched = (address) => {
  asked = [];
  return fetchFile(address, url, new AbortController().signal);
};

test("the server's own files are fetched by their path", async () => {
  assert.equal((await fetched('/media/files/a.b-c')).toString(), 'bytes');
});

test('nothing private is asked, however it is written', async () => {
  const { port } = server.address();
  for (const host of [
    '127.0.0.1',
    'localhost',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '0x7f.1',
    '2130706433',
    '0.0.0.0',
  ]) {
    const refused = await fetched(`http://${host}:${port}/metrics`).catch((fault) => fault);
    assert.deepEqual([host, refused.status, refused.error], [host, 422, 'invalid']);
    assert.deepEqual(asked, [], host);
  }
});

test('the server sends the bridge nowhere else', async () => {
  const refused = await fetched('/media/files/moved').catch((fault) => fault);
  assert.deepEqual([refused.status, refused.error], [503, 'busy']);
  assert.deepEqual(asked, ['/media/files/moved']);
});

test('what is public and what is not', () => {
  for (const address of ['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700:4700::1111'])
    assert.ok(isPublic(address), address);
  for (const address of [
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.1.1',
    '255.255.255.255',
    '::1',
    '::ffff:8.8.8.8',
    'fe80::1',
    'fd00::1',
    '2002:7f00:1::',
    '64:ff9b::7f00:1',
    'localhost',
    '',
  ])
    assert.ok(!isPublic(address), address);
});
