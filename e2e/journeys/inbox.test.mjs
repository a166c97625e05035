/** Somebody writes, is answered, and the ticks follow; on a desktop, by keyboard alone, and on a phone. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFaults, launch, LOOKS, open, settled, signIn } from '../lib/browser.mjs';
import { startServer, until } from '../lib/server.mjs';

const SCREEN_MS = 300;
/** A loaded machine may be given more time. */
const SLACK = Number(process.env.SLACK ?? 1);

let server;
let browser;
let business;

before(async () => {
  server = await startServer({ whatsapp: true });
  browser = await launch();
  business = (await server.api('GET', '/api/users')).results[0].business_id;
  await server.carrier('bridge', 'PUT', 'plan', { statuses: [], delay_ms: 0 });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A customer writes through the linked phone; returns the id of the conversation. */
async function written(from, text, more = {}) {
  await server.carrier('bridge', 'POST', `inbound/${business}`, { from, text, name: 'ישראל ישראלי', ...more });
  const digits = from.slice(-9);
  return until(`a conversation with ${from}`, async () => {
    const { results } = await server.api('GET', `/api/crm/threads?q=${digits}`);
    return results[0]?.id;
  });
}

const statusTold = (id, status) => server.carrier('bridge', 'POST', `status/${business}`, { id, status });
const bubble = (page, text) => page.locator('[data-message]').filter({ hasText: text }).last();

test('a message arrives, is answered, and its ticks go from sent to read while one looks', async () => {
  const thread = await written('+972521110001', 'שלום, מתי אתם פתוחים?');
  const page = await open(browser);
  await signIn(page, server, '/inbox');
  await page.getByRole('button', { name: /ישראל ישראלי/ }).first().click();
  await page.waitForURL(/thread=/);
  await bubble(page, 'מתי אתם פתוחים').waitFor();
  await until('it to be read', async () => (await server.api('GET', `/api/crm/threads/${thread}`)).unread === 0);

  const field = page.getByRole('textbox', { name: 'כתיבת הודעה' });
  await field.fill('עד שבע בערב');
  await field.press('Enter');
  const ours = bubble(page, 'עד שבע בערב');
  await ours.waitFor();
  const sent = await until('it to leave', async () =>
    (await server.carrier('bridge', 'GET', 'sent')).find(({ text }) => text === 'עד שבע בערב'),
  );
  for (const status of ['sent', 'delivered', 'read']) {
    await statusTold(sent.id, status);
    await ours.locator(`[data-status=${status}]`).waitFor();
  }
  // What comes late does not take the ticks back.
  await statusTold(sent.id, 'delivered');
  await ours.locator('[data-status=read]').waitFor();

  const [us, them] = [await ours.locator('> div').boundingBox(), await bubble(page, 'פתוחים').locator('> div').boundingBox()];
  assert.ok(them.x > us.x, 'theirs stand at the right, ours at the left');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('what arrives stands on the screen at once', async () => {
  const thread = await written('+972521110002', 'הודעה ראשונה');
  const page = await open(browser);
  await signIn(page, server, `/inbox?thread=${thread}`);
  await bubble(page, 'הודעה ראשונה').waitFor();
  await settled(page);
  const began = Date.now();
  const shown = bubble(page, 'הודעה שנייה').waitFor().then(() => Date.now() - began);
  await server.carrier('bridge', 'POST', `inbound/${business}`, { from: '+972521110002', text: 'הודעה שנייה' });
  const took = await shown;
  assert.ok(took <= SCREEN_MS * SLACK, `it took ${took} ms`);
  await page.context().close();
});

test('a conversation is read and answered by keyboard alone', async () => {
  await written('+972521110003', 'אפשר הצעת מחיר?', { name: 'מיכל אברהמי' });
  await server.api('POST', '/api/canned_replies', { shortcut: 'מחיר', text: 'ההצעה תישלח עוד היום' });
  const page = await open(browser);
  await signIn(page, server, '/inbox');
  await page.getByRole('button', { name: /מיכל אברהמי/ }).first().waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('מיכל');
  await page.waitForURL(/q=/);
  const row = page.locator('[data-thread]').first();
  await row.filter({ hasText: 'מיכל אברהמי' }).waitFor();
  while (!(await row.evaluate((element) => element === document.activeElement))) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const field = page.getByRole('textbox', { name: 'כתיבת הודעה' });
  await field.waitFor();
  while (!(await field.evaluate((element) => element === document.activeElement))) await page.keyboard.press('Tab');
  // Up to their message, which is answered; then a canned reply.
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'ביטול התשובה להודעה' }).waitFor();
  await page.keyboard.type('/מח');
  await page.getByRole('option', { name: /מחיר/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.value === 'ההצעה תישלח עוד היום');
  await page.keyboard.press('Enter');
  await bubble(page, 'ההצעה תישלח עוד היום').getByRole('button', { name: /בתשובה להודעה: אפשר הצעת מחיר/ }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a message that was refused says why, and goes when it is sent again', async () => {
  const thread = await written('+972521110004', 'שלום', { name: 'משה בן־דוד' });
  await server.carrier('bridge', 'PUT', 'strangers', ['+972521110004']);
  const page = await open(browser);
  await signIn(page, server, `/inbox?thread=${thread}`);
  const field = page.getByRole('textbox', { name: 'כתיבת הודעה' });
  await field.fill('קיבלנו');
  await field.press('Enter');
  const ours = bubble(page, 'קיבלנו');
  await ours.getByText('המספר אינו מקבל הודעות וואטסאפ').waitFor();
  await server.carrier('bridge', 'PUT', 'strangers', []);
  await ours.getByRole('button', { name: 'שליחה חוזרת' }).click();
  await ours.getByText('המספר אינו מקבל הודעות וואטסאפ').waitFor({ state: 'detached' });
  // The browser itself writes to the console that the provider refused.
  assert.deepEqual(page.faults.filter((fault) => !/status of 502/.test(fault)), []);
  await page.context().close();
});

for (const name of ['he-dark-360', 'en-light-360']) {
  test(`on a phone there is one pane at a time, and back leads to the list (${name})`, async () => {
    const thread = await written('+972521110005', 'הודעה מהטלפון', { name: 'אלנה פטרוב' });
    const page = await open(browser, LOOKS[name]);
    await signIn(page, server, '/inbox');
    await settled(page);
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.getByRole('button', { name: /אלנה פטרוב/ }).first().click();
    await bubble(page, 'הודעה מהטלפון').waitFor();
    assert.equal(await page.locator('[data-thread]').count(), 0, 'the list is away');
    await settled(page);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `${width} px wide`);
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.getByRole('button', { name: /פרטי הלקוח|About the customer/ }).click();
    await page.getByRole('dialog').waitFor();
    await page.goBack();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.goBack();
    await page.locator(`[data-thread="${thread}"]`).waitFor();
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}
