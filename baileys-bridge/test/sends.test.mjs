import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Busy, GaveUp, Pace } from '../src/pace.mjs';
import { mayBecome } from '../src/sends.mjs';

const STATES = ['sending', 'unknown', 'sent', 'delivered', 'read', 'played', 'failed'];

/** Every order in which all of them can come. */
function* permutations(rest, before = []) {
  if (rest.length === 0) yield before;
  for (const one of rest)
    yield* permutations(
      rest.filter((other) => other !== one),
      [...before, one],
    );
}

test('in whatever order statuses come, the furthest one stands', () => {
  for (const order of permutations(['sent', 'delivered', 'read', 'played'])) {
    const end = order.reduce((state, next) => (mayBecome(state, next) ? next : state), 'sending');
    assert.equal(end, 'played', order.join());
  }
});

test('what failed may still turn out to be delivered, and what was delivered never fails', () => {
  for (const state of ['delivered', 'read', 'played']) {
    assert.equal(mayBecome('failed', state), true);
    assert.equal(mayBecome(state, 'failed'), false);
  }
  assert.deepEqual(
    STATES.filter((state) => mayBecome(state, 'unknown')),
    ['sending'],
  );
  assert.deepEqual(
    STATES.filter((state) => mayBecome(state, state)),
    [],
  );
});

const here = new AbortController().signal;
const soon = async () => 'done';

test('without an interval nothing waits, and the queue is bounded', async () => {
  const pace = new Pace({ intervalMs: 0 });
  let open;
  const gate = new Promise((resolve) => {
    open = resolve;
  });
  const running = Array.from({ length: 50 }, () => pace.inTurn('1', here, 1, () => gate));
  await assert.rejects(pace.inTurn('1', here, 1, soon), Busy);
  open();
  await Promise.all(running);
  assert.equal(await pace.inTurn('1', here, 1, soon), 'done');
});

test('what would wait longer than the server does is refused at once', async () => {
  const pace = new Pace({ intervalMs: 5000, random: () => 0.5 });
  await pace.inTurn('1', here, 1, soon);
  const gone = new AbortController();
  const waiting = pace.inTurn('2', gone.signal, 1, soon);
  await assert.rejects(pace.inTurn('3', here, 1, soon), (fault) => fault instanceof Busy && fault.afterS > 5);
  gone.abort();
  await assert.rejects(waiting, GaveUp);
});

test('one number gets no more than its share in a minute', async () => {
  const pace = new Pace({ intervalMs: 1, random: () => 0 });
  for (let count = 0; count < 12; count++) await pace.inTurn('1', here, 1, soon);
  await assert.rejects(pace.inTurn('1', here, 1, soon), Busy);
  assert.equal(await pace.inTurn('2', here, 1, soon), 'done');
});

test('one that fails does not hold up the next', async () => {
  const pace = new Pace({ intervalMs: 0 });
  const bad = pace.inTurn('1', here, 1, async () => {
    throw new Error('no');
  });
  const good = pace.inTurn('1', here, 1, soon);
  await assert.rejects(bad, /no/);
  assert.equal(await good, 'done');
});
