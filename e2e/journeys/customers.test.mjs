/** The list of customers: made, found, filtered, kept as a view, changed many at once and taken back; merged, forgotten. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, settled, signIn } from '../lib/browser.mjs';
import { keepOpen, startServer, until } from '../lib/server.mjs';

let server;
let browser;

before(async () => {
  server = await startServer();
  browser = await launch();
  await keepOpen(server);
  for (const [at, name] of ['אבי כהן', 'ברוך לוי', 'גלית מזרחי', 'דורית פרץ'].entries()) {
    const status = at % 2 ? 'contacted' : 'new';
    await server.api('POST', '/api/crm/customers', { name, phone: `052-111000${at}`, status });
  }
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const rows = (page) => page.locator('tr[data-row]');
const bar = (page) => page.getByRole('region', { name: 'פעולה על הלקוחות שנבחרו' });

test('a filter is chosen, kept as a view, and found again', async () => {
  const page = await open(browser);
  await signIn(page, server, '/crm/customers');
  await page.getByText('4 לקוחות', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'סינון', exact: true }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('button', { name: 'נוצר קשר' }).click();
  await sheet.getByRole('button', { name: 'הצגת שני לקוחות' }).click();
  await page.getByText('שני לקוחות', { exact: true }).waitFor();
  assert.equal(await rows(page).count(), 2);
  await page.getByRole('button', { name: 'שמירת תצוגה חדשה' }).click();
  await page.getByLabel('שם התצוגה').fill('בטיפול');
  await page.getByRole('dialog').getByRole('button', { name: 'שמירה' }).click();
  await page.getByRole('button', { name: 'בטיפול', pressed: true }).waitFor();
  await page.getByRole('button', { name: 'כל הלקוחות' }).click();
  await page.getByText('4 לקוחות', { exact: true }).waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'בטיפול' }).click();
  await page.getByText('שני לקוחות', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'הסרת הסינון נוצר קשר' }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('by keys alone: rows are walked, picked and opened', async () => {
  const page = await open(browser);
  await signIn(page, server, '/crm/customers');
  await page.getByText('4 לקוחות', { exact: true }).waitFor();
  const row = () =>
    page.evaluate(() => document.activeElement?.closest('[data-row]')?.getAttribute('data-row') ?? null);
  await page.keyboard.press('j');
  assert.equal(await row(), '0');
  await page.keyboard.press('ArrowDown');
  assert.equal(await row(), '1');
  await page.keyboard.press('Space');
  await bar(page).getByText('נבחר לקוח אחד').waitFor();
  await page.keyboard.press('End');
  assert.equal(await row(), '3');
  await page.keyboard.press('x');
  await bar(page).getByText('נבחרו שני לקוחות').waitFor();
  await page.keyboard.press('Escape');
  await bar(page).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'סינון', exact: true }).press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  // Focus comes back to what the dialog was opened by; the row one was at is found again.
  await page.locator('button:focus', { hasText: 'סינון' }).waitFor();
  await page.keyboard.press('k');
  assert.equal(await row(), '2');
  await page.keyboard.press('Enter');
  await page.waitForURL(/customers\/\d+$/);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('all that the list shows get a tag, and lose it again', async () => {
  const page = await open(browser);
  await signIn(page, server, '/crm/customers');
  await page.getByRole('checkbox', { name: 'בחירת כל הרשימה' }).check();
  await bar(page).getByText('נבחרו כל 4 הלקוחות שברשימה').waitFor();
  await bar(page).getByRole('button', { name: 'תגיות' }).click();
  await page.getByLabel('תגיות להוספה').fill('חורף, דחוף');
  await page.getByRole('button', { name: 'עדכון התגיות' }).click();
  await bar(page).getByText('4 לקוחות עודכנו').waitFor();
  const tagged = async () => (await server.api('GET', '/api/crm/customers?tags=חורף,דחוף')).total;
  assert.equal(await tagged(), 4);
  await bar(page).getByRole('button', { name: 'ביטול הפעולה' }).click();
  await bar(page).getByText('השינוי בוטל אצל 4 לקוחות.').waitFor();
  assert.equal(await tagged(), 0);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('what the list shows is taken along as a file', async () => {
  const page = await open(browser);
  await signIn(page, server, '/crm/customers?status=contacted');
  await page.getByRole('button', { name: 'ייצוא' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: /CSV/ }).click();
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(await (await download).path(), 'utf8');
  assert.match(text, /ברוך לוי/);
  assert.doesNotMatch(text, /אבי כהן/);
  await page.context().close();
});

test('a name that is there already is told of, and the two are merged and parted', async () => {
  const page = await open(browser);
  await signIn(page, server, '/crm/customers');
  await page.getByRole('button', { name: 'לקוח חדש' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('שם').fill('גלית מזרחי');
  await dialog.getByLabel('טלפון').fill('054-9998877');
  await dialog.getByRole('button', { name: 'שמירה' }).click();
  await page.getByRole('dialog', { name: 'אולי זה אותו אדם' }).waitFor();
  await page.getByRole('button', { name: 'מיזוג עם גלית מזרחי' }).click();
  const merge = page.getByRole('dialog', { name: 'מיזוג שני לקוחות לאחד' });
  await merge.getByRole('radio', { name: '054-999-8877' }).check();
  await merge.getByRole('button', { name: 'מיזוג', exact: true }).click();
  await page.waitForURL(/customers\/\d+$/);
  await page.getByRole('heading', { name: 'מוזגו לכאן' }).waitFor();
  const { results } = await server.api('GET', '/api/crm/customers?q=גלית');
  assert.deepEqual(results.map(({ phones }) => phones), [['+972549998877', '+972521110002']]);
  await page.getByText('052-111-0002').first().waitFor();
  for (const [typed, phone] of [['052-1119999', '+972521119999'], ['052-1110002', '+972521110002']]) {
    await page.getByRole('button', { name: /^עריכת טלפון נוסף/ }).first().click();
    await page.getByRole('textbox', { name: 'טלפון נוסף' }).fill(typed);
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'טלפון נוסף' }).waitFor({ state: 'detached' });
    await until(`the second phone to be ${phone}`, async () => {
      const [kept] = (await server.api('GET', '/api/crm/customers?q=גלית')).results;
      return kept.phones[1] === phone;
    });
  }
  await page.getByRole('button', { name: 'ביטול המיזוג' }).click();
  await page.getByText('המיזוג בוטל. שני הלקוחות חזרו.').waitFor();
  assert.equal((await server.api('GET', '/api/crm/customers?q=גלית')).total, 2);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a note mentions a colleague by name', async () => {
  const [{ id }] = (await server.api('GET', '/api/crm/customers?q=אבי')).results;
  const page = await open(browser);
  await signIn(page, server, `/crm/customers/${id}?tab=notes`);
  const note = page.getByRole('textbox', { name: 'הערה חדשה' });
  await note.pressSequentially('לבדוק עם @דנ');
  await page.getByRole('option', { name: 'דנה לוי' }).waitFor();
  await page.keyboard.press('Enter');
  assert.equal(await note.inputValue(), 'לבדוק עם @דנה לוי ');
  await page.getByRole('button', { name: 'שמירת ההערה' }).click();
  await page.getByRole('listitem').getByText('@דנה לוי').waitFor();
  const { results } = await server.api('GET', `/api/crm/customers/${id}/notes`);
  assert.equal(results[0].mentions.length, 1);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('one is deleted and brought back; another is forgotten in two steps, for good', async () => {
  const [{ id }] = (await server.api('GET', '/api/crm/customers?q=דורית')).results;
  const page = await open(browser);
  await signIn(page, server, `/crm/customers/${id}`);
  const more = () => page.getByRole('button', { name: 'פעולות נוספות' }).first().click();
  await more();
  await page.getByRole('menuitem', { name: 'מחיקת הלקוח' }).click();
  await page.waitForURL('**/crm/customers');
  await page.getByRole('button', { name: 'ביטול הפעולה' }).click();
  await page.getByText('דורית פרץ שוחזר').waitFor();
  await page.goto(`${server.url}/crm/customers/${id}`);
  await more();
  await page.getByRole('menuitem', { name: 'מחיקת כל המידע האישי' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('אי אפשר לבטל את זה.').waitFor();
  assert.equal(await dialog.getByRole('button', { name: 'מחיקה לתמיד' }).count(), 0);
  await dialog.getByRole('button', { name: 'הבנתי, להמשיך' }).click();
  await dialog.getByLabel('למה מוחקים?').fill('לבקשת דורית');
  await dialog.getByText('בלי שם, טלפון או דוא״ל').waitFor();
  assert.ok(await dialog.getByRole('button', { name: 'מחיקה לתמיד' }).isDisabled());
  await dialog.getByLabel('למה מוחקים?').fill('ביקשה בטלפון');
  await dialog.getByRole('button', { name: 'מחיקה לתמיד' }).click();
  await page.waitForURL('**/crm/customers');
  await until('the person to be gone', async () => (await server.api('GET', '/api/crm/customers?q=דורית')).total === 0);
  await settled(page);
  assert.equal(await page.getByText('דורית פרץ', { exact: true }).count(), 0);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a field of one’s own is added, filled on a customer, and filters the list', async () => {
  const page = await open(browser);
  await signIn(page, server, '/business?section=customers');
  await page.getByRole('button', { name: 'שדה חדש' }).click();
  await page.getByLabel('שם').fill('סוג רכב');
  await page.getByRole('radio', { name: 'בחירה מרשימה' }).check();
  await page.getByLabel('האפשרויות').fill('פרטי\nמסחרי');
  await page.getByRole('dialog').getByRole('button', { name: 'שמירה' }).click();
  await page.getByText('בחירה מרשימה · פרטי, מסחרי').waitFor();
  const [{ id }] = (await server.api('GET', '/api/crm/customers?q=ברוך')).results;
  await page.goto(`${server.url}/crm/customers/${id}`);
  const saved = page.waitForResponse((answer) => answer.request().method() === 'PATCH');
  await page.getByLabel('סוג רכב').selectOption('מסחרי');
  assert.equal((await saved).status(), 200);
  await page.goto(`${server.url}/crm/customers`);
  await page.getByRole('button', { name: 'סינון', exact: true }).click();
  await page.getByLabel('סוג רכב').selectOption('מסחרי');
  await page.getByRole('button', { name: 'הצגת לקוח אחד' }).click();
  await page.getByText('סוג רכב: מסחרי').waitFor();
  await page.getByRole('link', { name: 'ברוך לוי' }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
