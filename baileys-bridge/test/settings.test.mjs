import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadSettings, readSettings } from '../src/settings.mjs';

const faults = (environment) => {
  try {
    readSettings(environment);
    return [];
  } catch (fault) {
    assert.ok(fault instanceof BadSettings);
    return fault.faults;
  }
};

test('development needs nothing, and makes no secret up', () => {
  const settings = readSettings({});
  assert.equal(settings.secret, null);
  assert.equal(settings.port, 8000);
  assert.equal(settings.serverUrl, 'http://127.0.0.1:5000');
  assert.equal(settings.sendIntervalMs, 3000);
});

test('without a secret it starts in development only', () => {
  assert.match(faults({ APP_ENV: 'production' })[0], /WA_SHARED_SECRET is missing/);
  assert.match(faults({ APP_ENV: 'testing' })[0], /WA_SHARED_SECRET is missing/);
  assert.match(faults({ APP_ENV: 'production', WA_SHARED_SECRET: 'short' })[0], /shorter/);
});

test('a stand-in is refused in production', () => {
  const found = faults({
    APP_ENV: 'production',
    WA_SHARED_SECRET: 'x'.repeat(32),
    WA_WEB_SOCKET_URL: 'ws://127.0.0.1:1',
    WA_WEB_CERT_PUBLIC_KEY: '00',
  });
  assert.match(found[0], /WA_WEB_SOCKET_URL, WA_WEB_CERT_PUBLIC_KEY: only for tests/);
});

test('all that is wrong is said at once, and an empty variable is unset', () => {
  const found = faults({
    WA_BAILEYS_PORT: '70000',
    WA_SEND_INTERVAL_MS: '-1',
    SERVER_URL: 'ftp://x',
    APP_ENV: '',
  });
  assert.equal(found.length, 3);
});
