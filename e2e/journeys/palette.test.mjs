/** Everything by keyboard, on a Hebrew layout. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFaults, launch, open, settled, signIn } from '../lib/browser.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let browser;

before(async () => {
  server = await startServer();
  browser = await launch();
  await server.api('POST', '/api/crm/customers', { name: 'רות בן־עמי', phone: '054-1112233' });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** What a Hebrew layout sends for keys that are pressed one after the other. */
const pressAll = (page, ...pressed) =>
  page.evaluate((keys) => {
    for (const [key, code, more] of keys) {
      (document.activeElement ?? document.body).dispatchEvent(
        new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true, ...more }),
      );
    }
  }, pressed);
const press = (page, key, code, more = {}) => pressAll(page, [key, code, more]);

test('the palette opens by Ctrl and the Hebrew letter, finds a customer, and goes there', async () => {
  const page = await open(browser);
  await signIn(page, server);
  await settled(page);
  await press(page, 'ל', 'KeyK', { ctrlKey: true });
  const palette = page.getByRole('dialog', { name: 'חיפוש ופעולות' });
  await palette.getByRole('combobox').fill('רות');
  await palette.getByRole('option', { name: /רות בן־עמי/ }).waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'רות בן־עמי' }).waitFor();
  await page.context().close();
});

test('G and a letter go, N writes a task, the question mark explains; none while typing', async () => {
  const page = await open(browser);
  await signIn(page, server);
  await settled(page);
  await pressAll(page, ['ע', 'KeyG'], ['א', 'KeyT']);
  await page.waitForURL('**/tasks');
  await press(page, '?', 'Slash', { shiftKey: true });
  await page.getByRole('dialog', { name: 'קיצורי מקלדת' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await press(page, 'מ', 'KeyN');
  const sheet = page.getByRole('dialog', { name: 'משימה חדשה' });
  await sheet.getByLabel('המשימה').fill('להזמין אריחים');
  await pressAll(page, ['ע', 'KeyG'], ['ג', 'KeyD']);
  assert.equal(new URL(page.url()).pathname, '/tasks');
  await sheet.getByRole('button', { name: 'בעוד 10 דקות' }).click();
  await sheet.getByRole('button', { name: 'שמירה' }).click();
  await sheet.waitFor({ state: 'detached' });
  await page.getByText('המשימה נוספה').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a task is edited at the side, with its repetition in words, completed and opened again', async () => {
  const page = await open(browser);
  await signIn(page, server, '/tasks?view=upcoming');
  await server.api('POST', '/api/tasks', {
    title: 'לבדוק את הגג',
    due_at: new Date(Date.now() + 3 * 86_400_000).toISOString(),
  });
  await page.getByRole('button', { name: 'לבדוק את הגג', exact: true }).click();
  const sheet = page.getByRole('dialog', { name: 'משימה' });
  await sheet.getByLabel('חזרה').selectOption('weekly');
  await sheet.getByLabel('תזכורת').selectOption('60');
  await sheet.getByLabel('עדיפות').selectOption('high');
  assert.deepEqual(await accessibilityFaults(page), []);
  await sheet.getByRole('button', { name: 'שמירה' }).click();
  await page.getByText('המשימה נשמרה').waitFor();
  const { results } = await server.api('GET', '/api/tasks?status=open');
  const task = results.find(({ title }) => title === 'לבדוק את הגג');
  assert.match(task.repeat, /^FREQ=WEEKLY;BYDAY=/);
  assert.equal(task.remind_before_minutes, 60);
  assert.equal(task.priority, 'high');
  await page.getByRole('button', { name: 'סימון כבוצע: לבדוק את הגג' }).first().click();
  await page.getByText('המשימה סומנה כבוצעה').waitFor();
  await page.getByRole('button', { name: 'בוצעו' }).click();
  await page.getByRole('button', { name: 'פתיחה מחדש: לבדוק את הגג' }).click();
  await page.getByText('המשימה נפתחה מחדש').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
