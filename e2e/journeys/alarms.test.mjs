/** A task falls due while people have the app open: it rings once, is put off, done, and taken back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFaults, launch, open, settled, signIn } from '../lib/browser.mjs';
import { keepOpen, startServer, until } from '../lib/server.mjs';

const RING_MS = 30_000;

let server;
let browser;
let customer;
let owner;

before(async () => {
  server = await startServer();
  browser = await launch(['--autoplay-policy=no-user-gesture-required']);
  await keepOpen(server);
  owner = (await server.api('GET', '/api/users')).results[0].id;
  customer = await server.api('POST', '/api/crm/customers', { name: 'רות בן־עמי', phone: '054-1112233' });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Counts the tones that a page begins. */
const countTones = (page) =>
  page.addInitScript(() => {
    window.tones = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function count(...args) {
      window.tones += 1;
      return start.apply(this, args);
    };
  });

/** Far enough ahead that a loaded machine has the task before it is due. */
const SOON_MS = 6_000;

function dueSoon(title, more = {}) {
  const due_at = new Date(Date.now() + SOON_MS).toISOString();
  return server.api('POST', '/api/tasks', { title, assignee_id: owner, due_at, ...more });
}

const alarm = (page, title) => page.getByRole('dialog', { name: title });
const ready = (page) => page.waitForTimeout(900);

test('it rings once in two tabs, with four ways on, and one done clears both', async () => {
  const first = await open(browser);
  await countTones(first);
  await signIn(first, server);
  const second = await first.context().newPage();
  await countTones(second);
  await second.goto(`${server.url}/crm/customers`);
  await Promise.all([settled(first), settled(second)]);
  const task = await dueSoon('להתקשר לרות', { customer_id: customer.id });
  const tabs = [first, second];
  const shown = async () => {
    const seen = await Promise.all(tabs.map((page) => alarm(page, 'להתקשר לרות').isVisible()));
    return seen.filter(Boolean).length === 1 ? tabs[seen.indexOf(true)] : null;
  };
  const ringing = await until('the alarm in one tab', shown, RING_MS);
  const other = tabs.find((page) => page !== ringing);
  await until('a sound', () => ringing.evaluate(() => window.tones > 0));
  await other.getByRole('status').getByText('להתקשר לרות').waitFor();
  const dialog = alarm(ringing, 'להתקשר לרות');
  for (const name of ['חיוג', 'דחייה', 'בוצע']) await dialog.getByRole('button', { name }).waitFor();
  const whatsapp = dialog.getByRole('link', { name: 'וואטסאפ' });
  assert.equal(await whatsapp.getAttribute('href'), 'https://wa.me/972541112233');
  assert.deepEqual(await accessibilityFaults(ringing), []);
  const tones = await Promise.all(tabs.map((page) => page.evaluate(() => window.tones)));
  assert.equal(tones.filter((count) => count > 0).length, 1, `tones ${tones}`);

  await dialog.getByRole('button', { name: 'בוצע' }).click();
  await dialog.waitFor({ state: 'detached' });
  await until('the other tab to be clear', async () => (await other.getByText('להתקשר לרות').count()) === 0);
  assert.equal((await server.api('GET', `/api/tasks/${task.id}`)).status, 'done');
  await ringing.getByRole('button', { name: 'ביטול הפעולה' }).click();
  await until('the task to be open again', async () => (await server.api('GET', `/api/tasks/${task.id}`)).status === 'open');
  await server.api('POST', `/api/tasks/${task.id}/complete`);
  assert.deepEqual([...first.faults], []);
  await first.context().close();
});

test('focus is on the heading, keys wait, arrows walk, and a reload keeps it', async () => {
  const page = await open(browser);
  await signIn(page, server);
  await settled(page);
  const task = await dueSoon('לשלוח הצעת מחיר');
  const dialog = alarm(page, 'לשלוח הצעת מחיר');
  await dialog.waitFor({ timeout: RING_MS });
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H2');
  await ready(page);
  await page.keyboard.press('ArrowLeft');
  assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ''), /דחייה/);
  await page.reload();
  await dialog.waitFor({ timeout: RING_MS });
  // Too early: the key is not for the alarm.
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H2');
  await dialog.getByRole('button', { name: 'דחייה' }).click();
  await page.getByRole('menuitem', { name: 'בשעה' }).click();
  await dialog.waitFor({ state: 'detached' });
  const snoozed = await server.api('GET', `/api/tasks/${task.id}`);
  assert.equal(snoozed.status, 'snoozed');
  assert.ok(Date.parse(snoozed.due_at) - Date.now() > 55 * 60_000);
  await page.context().close();
});

test('while one types it is a silent bar, and opens when one stops', async () => {
  const page = await open(browser);
  await signIn(page, server);
  await settled(page);
  const field = page.getByLabel('משימה חדשה');
  await field.click();
  const typing = setInterval(() => void page.keyboard.type('א').catch(() => {}), 700);
  try {
    await dueSoon('לבדוק מלאי');
    await page.getByRole('status').getByText('לבדוק מלאי').waitFor({ timeout: RING_MS });
    assert.equal(await alarm(page, 'לבדוק מלאי').count(), 0);
  } finally {
    clearInterval(typing);
  }
  await alarm(page, 'לבדוק מלאי').waitFor({ timeout: 15_000 });
  await alarm(page, 'לבדוק מלאי').getByRole('button', { name: 'בוצע' }).click();
  await alarm(page, 'לבדוק מלאי').waitFor({ state: 'detached' });
  await page.context().close();
});

test('several at once say how many, and are put off together', async () => {
  const page = await open(browser);
  await signIn(page, server);
  await settled(page);
  const titles = ['אחת', 'שתיים', 'שלוש', 'ארבע'];
  const tasks = await Promise.all(titles.map((title) => dueSoon(title)));
  await page.getByRole('dialog').getByText('1 מתוך 4').waitFor({ timeout: RING_MS });
  await page.getByRole('button', { name: 'דחיית כולן' }).click();
  await page.getByRole('menuitem', { name: 'ב־10 דקות' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  for (const { id } of tasks) assert.equal((await server.api('GET', `/api/tasks/${id}`)).status, 'snoozed');
  await page.context().close();
});

test('the bell counts, lists, and leads to the task', async () => {
  const page = await open(browser);
  await signIn(page, server);
  const task = await dueSoon('לתאם פגישה');
  await alarm(page, 'לתאם פגישה').waitFor({ timeout: RING_MS });
  await ready(page);
  await alarm(page, 'לתאם פגישה').getByRole('button', { name: 'לא עכשיו' }).click();
  await page.getByRole('button', { name: /^התראות: / }).click();
  const centre = page.getByRole('dialog', { name: 'התראות' });
  assert.deepEqual(await accessibilityFaults(page), []);
  await centre.getByRole('button', { name: /לתאם פגישה/ }).first().click();
  await page.waitForURL(`**/tasks?task=${task.id}`);
  await page.getByRole('dialog', { name: 'משימה' }).getByLabel('המשימה').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'סגירת התזכורת' }).click();
  await page.getByRole('status').getByText('לתאם פגישה').waitFor({ state: 'detached' });
  await page.reload();
  await settled(page);
  assert.equal(await page.getByRole('status').getByText('לתאם פגישה').count(), 0);
  await server.api('POST', `/api/tasks/${task.id}/complete`);
  await page.context().close();
});
