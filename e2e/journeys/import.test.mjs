/** A file of customers is looked at, tried, brought in, and taken back; everything is taken along as one archive. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { launch, open, signIn } from '../lib/browser.mjs';
import { startServer } from '../lib/server.mjs';

const WORK_MS = 60_000;
const FILE = {
  name: 'לקוחות.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from(
    ['שם,טלפון,דוא"ל,הערה שלי', 'רינה שקד,052-7000001,rina@example.com,א', 'טעות,123,,ב', 'שי גל,052-7000002,not an address,ג', 'נטע רון,052-7000003,,ד']
      .map((line) => `${line}\r\n`)
      .join(''),
  ),
};

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

test('bad rows are told by line and reason before anything is written', async () => {
  const page = await open(browser);
  await signIn(page, server, '/crm/customers');
  await page.getByRole('link', { name: 'ייבוא' }).first().click();
  await page.getByLabel('קובץ לייבוא').setInputFiles(FILE);
  await page.getByRole('heading', { name: 'מה יש בקובץ' }).waitFor();
  assert.equal(await page.getByLabel('לאן נכנסת העמודה שם').inputValue(), 'name');
  await page.getByLabel('לאן נכנסת העמודה הערה שלי').selectOption('notes');
  await page.getByRole('button', { name: 'בדיקה בלי לשמור' }).click();
  await page.getByRole('heading', { name: 'הבדיקה הסתיימה' }).waitFor({ timeout: WORK_MS });
  await page.getByRole('row', { name: '3 טעות 123 ב טלפון: זה אינו מספר טלפון' }).waitFor();
  await page.getByRole('row', { name: '4 שי גל 052-7000002 not an address ג דוא״ל: זו אינה כתובת דוא״ל' }).waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'הורדת הרשימה' }).click();
  assert.match(await readFile(await (await download).path(), 'utf8'), /"טעות","123","","ב","3","טלפון: זה אינו מספר טלפון"\r\n/);
  assert.equal((await server.api('GET', '/api/crm/customers')).total, 0);

  await page.getByRole('button', { name: 'ייבוא הלקוחות' }).click();
  await page.getByRole('heading', { name: 'הייבוא הסתיים' }).waitFor({ timeout: WORK_MS });
  assert.equal((await server.api('GET', '/api/crm/customers')).total, 2);
  await page.getByRole('button', { name: 'ביטול הייבוא' }).click();
  const sure = page.getByRole('dialog', { name: 'לבטל את הייבוא?' });
  await sure.getByText('שני לקוחות שנוספו יימחקו.').waitFor();
  await sure.getByRole('button', { name: 'ביטול הייבוא' }).click();
  await page.getByRole('heading', { name: 'הייבוא בוטל' }).waitFor({ timeout: WORK_MS });
  assert.match(await page.locator('dl').innerText(), /בוטלו\s*2\s*נשארו\s*0/);
  assert.equal((await server.api('GET', '/api/crm/customers')).total, 0);
  await page.getByRole('listitem').filter({ hasText: 'בוטל' }).waitFor();
  await page.getByRole('listitem').filter({ hasText: 'בדיקה' }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('what can not be read is refused in words', async () => {
  const page = await open(browser);
  await signIn(page, server, '/crm/customers/import');
  await page.getByLabel('קובץ לייבוא').setInputFiles({ ...FILE, buffer: Buffer.from('   ') });
  await page.getByText('הקובץ ריק, או שאין בו שורות מתחת לכותרות.').waitFor();
  await page.context().close();
});

test('everything is made into an archive and fetched', async () => {
  const page = await open(browser);
  await signIn(page, server, '/business?section=export');
  await page.getByRole('button', { name: 'הכנת הקובץ' }).click();
  await page.getByText('מוכן', { exact: true }).waitFor({ timeout: WORK_MS });
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'הורדה' }).click();
  const archive = await readFile(await (await download).path());
  assert.equal(archive.subarray(0, 2).toString(), 'PK');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
