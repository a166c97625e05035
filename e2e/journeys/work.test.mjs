import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, settled, signIn } from '../lib/browser.mjs';
import { startServer, until } from '../lib/server.mjs';

let server;
let browser;

before(async () => {
  server = await startServer();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test('someone signs in and is led to the page that was asked for', async () => {
  const page = await open(browser);
  await page.goto(`${server.url}/crm/customers`);
  await page.waitForURL('**/login?next=**');
  await page.getByLabel('דוא״ל').fill(server.email);
  await page.getByLabel('סיסמה', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'כניסה' }).click();
  await page.getByText('הדוא״ל או הסיסמה אינם נכונים.').waitFor();
  await page.getByLabel('סיסמה', { exact: true }).fill(server.password);
  await page.getByRole('button', { name: 'כניסה' }).click();
  await page.waitForURL('**/crm/customers');
  await page.getByRole('heading', { name: 'לקוחות' }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a call appears while it runs, word by word, and is complete when it is over', async () => {
  const page = await open(browser);
  await signIn(page, server);
  await page.getByText('המענה מוכן. רוצים לשמוע אותו?').waitFor();
  const call = server.call('--skip-play');
  const pill = page.getByRole('banner').getByRole('link', { name: /שיחה חיה/ });
  await pill.waitFor({ timeout: 20_000 });
  await pill.click();
  await page.waitForURL('**/calls/*');
  const lanes = page.getByRole('log');
  await lanes.getByText(/דנה כהן/).first().waitFor({ timeout: 40_000 });
  await page.getByRole('meter', { name: 'עוצמת הקול של המתקשר' }).waitFor();
  await call.done;
  // No reload: the end arrives by itself.
  await page.getByRole('slider', { name: 'מיקום בהקלטה' }).waitFor({ timeout: 30_000 });
  await page.getByRole('heading', { name: 'זמני תגובה' }).waitFor();
  await page.getByRole('heading', { name: 'תמליל' }).waitFor();
  assert.ok((await page.getByText(/דנה כהן/).count()) > 0);
  await settled(page);
  await page.getByRole('button', { name: 'השמעה', exact: true }).click();
  await until('the recording to play', () => page.evaluate(() => (document.querySelector('audio')?.currentTime ?? 0) > 0.5));
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the caller of that call is a customer with a timeline', async () => {
  const page = await open(browser);
  await signIn(page, server, '/crm/customers');
  const row = page.locator('[data-row-link]').first();
  await row.click();
  await page.waitForURL('**/crm/customers/*');
  await page.getByRole('link', { name: 'ציר הזמן' }).click();
  await page.getByText(/שיחה נכנסת/).first().waitFor();
  await page.getByRole('link', { name: 'לשיחה המלאה' }).first().click();
  await page.waitForURL('**/calls/*');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a customer is created, edited in place, and a task with it completed and taken back', async () => {
  const page = await open(browser);
  await signIn(page, server, '/crm/customers');
  await page.getByRole('button', { name: 'לקוח חדש' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('שם').fill('רות בן־עמי');
  await dialog.getByLabel('טלפון').fill('054-1112233');
  await dialog.getByRole('button', { name: 'שמירה' }).click();
  await page.getByRole('heading', { name: 'רות בן־עמי' }).waitFor();
  await page.getByText('054-111-2233').first().waitFor();

  await page.getByRole('button', { name: 'עריכת חברה' }).click();
  await page.getByLabel('חברה', { exact: true }).fill('אחים לוי');
  const saved = page.waitForResponse((answer) => answer.request().method() === 'PATCH');
  await page.keyboard.press('Enter');
  await page.getByText('אחים לוי').waitFor();
  await saved;
  await page.reload();
  await page.getByText('אחים לוי').waitFor();

  await page.getByLabel('משימה חדשה').fill('לשלוח הצעת מחיר');
  await page.getByRole('button', { name: 'שמירה' }).click();
  await page.getByRole('button', { name: 'סימון כבוצע: לשלוח הצעת מחיר' }).click();
  await page.getByRole('button', { name: 'ביטול הפעולה' }).click();
  await page.getByRole('button', { name: 'סימון כבוצע: לשלוח הצעת מחיר' }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a phone that someone has leads to that customer', async () => {
  const page = await open(browser);
  await signIn(page, server, '/crm/customers');
  await page.getByRole('button', { name: 'לקוח חדש' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('שם').fill('מישהי אחרת');
  await dialog.getByLabel('טלפון').fill('+972 54 111 2233');
  await dialog.getByRole('button', { name: 'שמירה' }).click();
  await dialog.getByRole('link', { name: 'פתיחת הלקוח הקיים' }).click();
  await page.getByRole('heading', { name: 'רות בן־עמי' }).waitFor();
  await page.context().close();
});

test('those who wait for a callback stand first, and handling takes them off', async () => {
  await server.call('--skip-play', '--say', 'person', '--from', '+972529998877').done;
  const page = await open(browser);
  await signIn(page, server, '/calls');
  const handle = page.getByRole('button', { name: 'סימון כטופל' });
  await handle.first().waitFor();
  const waiting = await handle.count();
  await handle.first().click();
  await page.getByText('סומן כטופל', { exact: true }).waitFor();
  await until('one fewer to wait', async () => (await handle.count()) === waiting - 1);
  await page.getByRole('button', { name: 'ביטול הפעולה' }).click();
  await until('as many to wait as before', async () => (await handle.count()) === waiting);
  await handle.first().click();
  await until('one fewer to wait again', async () => (await handle.count()) === waiting - 1);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('the browser’s back closes a dialog first', async () => {
  const page = await open(browser);
  await signIn(page, server, '/crm/customers');
  await page.getByRole('button', { name: 'לקוח חדש' }).first().click();
  await page.getByRole('dialog').waitFor();
  await page.goBack();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(new URL(page.url()).pathname, '/crm/customers');
  await page.context().close();
});

test('letter keys work on a Hebrew keyboard, once each', async () => {
  const page = await open(browser);
  await signIn(page, server, '/crm/customers');
  await page.locator('[data-row-link]').nth(1).waitFor();
  // What a Hebrew layout sends for the key J, and for the slash.
  const press = (key, code) =>
    page.evaluate(
      ([k, c]) => (document.activeElement ?? document.body).dispatchEvent(
        new KeyboardEvent('keydown', { key: k, code: c, bubbles: true, cancelable: true }),
      ),
      [key, code],
    );
  const at = () =>
    page.evaluate(() => [...document.querySelectorAll('[data-row-link]')].indexOf(document.activeElement));
  await press('ח', 'KeyJ');
  assert.equal(await at(), 0);
  await press('ח', 'KeyJ');
  assert.equal(await at(), 1);
  await press('ל', 'KeyK');
  assert.equal(await at(), 0);
  await press('.', 'Slash');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('type')), 'search');
  await page.context().close();
});

test('digits of tables are equally wide', async () => {
  const page = await open(browser);
  await signIn(page, server, '/crm/customers');
  await settled(page);
  const widths = await page.evaluate(() =>
    ['111', '888', '000', '444'].map((digits) => {
      const probe = document.createElement('span');
      probe.className = 'tabular';
      probe.style.cssText = 'position:absolute;font-size:100px';
      probe.textContent = digits;
      document.body.append(probe);
      const { width } = probe.getBoundingClientRect();
      probe.remove();
      return Math.round(width * 10);
    }),
  );
  assert.equal(new Set(widths).size, 1, `widths ${widths}`);
  await page.context().close();
});

test('signing out ends the session', async () => {
  const page = await open(browser);
  await signIn(page, server);
  await page.getByRole('button', { name: /התפריט של/ }).click();
  await page.getByRole('menuitem', { name: 'יציאה' }).click();
  await page.waitForURL('**/login');
  await page.goto(`${server.url}/crm`);
  await page.waitForURL('**/login?next=**');
  await page.context().close();
});
