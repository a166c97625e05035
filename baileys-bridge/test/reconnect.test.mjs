import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterClose, backoffMs } from '../src/reconnect.mjs';

test('each code has its consequence', () => {
  const expected = {
    515: ['now', 'restarting'],
    401: ['forget', 'logged_out'],
    402: ['forget', 'banned'],
    403: ['forget', 'banned'],
    406: ['forget', 'logged_out'],
    411: ['stop', 'version'],
    440: ['stop', 'replaced'],
    405: ['refresh', 'version'],
    408: ['later', 'unreachable'],
    428: ['later', 'unreachable'],
    500: ['later', 'unreachable'],
    503: ['later', 'unreachable'],
  };
  for (const [code, [step, reason]] of Object.entries(expected)) {
    assert.deepEqual(afterClose(Number(code)), { step, reason }, code);
  }
  assert.deepEqual(afterClose(undefined), { step: 'later', reason: 'unreachable' });
});

test('the wait doubles up to a bound, and is never the same for two', () => {
  const bounds = { first: 1000, most: 120_000 };
  assert.equal(
    backoffMs(1, bounds, () => 1),
    1000,
  );
  assert.equal(
    backoffMs(3, bounds, () => 1),
    4000,
  );
  assert.equal(
    backoffMs(3, bounds, () => 0),
    2000,
  );
  assert.equal(
    backoffMs(500, bounds, () => 1),
    120_000,
  );
});
