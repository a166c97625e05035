/** An admin sets a business up, acts in its name and stops; nobody else sees the administration or loads it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFaults, launch, LOOKS, open, settled, signIn } from '../lib/browser.mjs';
import { startServer, until } from '../lib/server.mjs';

let server;
let browser;
let admin;

before(async () => {
  server = await startServer();
  admin = await server.makeUser('noa@example.com', 'admin', 'נועה שחר');
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test('a business is set up and its owner invited; one acts in its name until one ends it', async () => {
  const page = await open(browser);
  await signIn(page, admin);
  await page.getByRole('link', { name: 'ניהול מערכת' }).click();
  await page.getByRole('link', { name: 'עסקים', exact: true }).click();
  await page.getByRole('button', { name: 'עסק חדש' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('שם העסק').fill('שורשים שיפוצים');
  await dialog.getByRole('button', { name: 'הקמת העסק' }).click();
  await dialog.getByText('כבר יש עסק בשם הזה.').waitFor();
  await dialog.getByLabel('שם העסק').fill('גן עדן פרחים');
  await dialog.getByLabel('מספרי טלפון').fill('03-6001144');
  await dialog.getByRole('button', { name: 'הקמת העסק' }).click();
  await dialog.getByRole('heading', { name: 'הזמנה אל גן עדן פרחים' }).waitFor();
  await dialog.getByLabel('שם', { exact: true }).fill('תמר גל');
  await dialog.getByLabel('דוא״ל').fill('tamar@example.com');
  assert.ok(await dialog.getByRole('radio', { name: /^בעלים/ }).isChecked());
  await dialog.getByRole('button', { name: 'יצירת הקישור' }).click();
  assert.match(await dialog.getByLabel('קישור ההזמנה').inputValue(), /\/invite\b/);
  await dialog.getByRole('button', { name: 'סיום' }).click();

  const row = page.getByRole('row', { name: /גן עדן פרחים/ });
  await row.getByText('03-600-1144').waitFor();
  await row.getByRole('button', { name: 'כניסה בשם גן עדן פרחים' }).click();
  await dialog.getByLabel('הסיבה').fill('פנייה לתמיכה');
  await dialog.getByRole('button', { name: 'כניסה', exact: true }).click();
  await page.waitForURL('**/crm');
  const bar = page.getByRole('region', { name: 'כניסה בשם העסק' });
  await bar.getByText('אתם פועלים בשם גן עדן פרחים').waitFor();
  await bar.getByText('הסיבה: פנייה לתמיכה').waitFor();
  for (const path of ['/calls', '/crm/customers', '/tasks']) {
    await page.goto(server.url + path);
    await bar.getByText(/^עוד /).waitFor();
  }
  await settled(page);
  assert.deepEqual(await accessibilityFaults(page), []);
  await bar.getByRole('button', { name: 'סיום' }).click();
  await page.waitForURL('**/admin?section=businesses');
  await page.getByRole('row', { name: /גן עדן פרחים/ }).waitFor();
  assert.equal(await bar.count(), 0);

  await page.goto(`${server.url}/admin?section=audit`);
  await page.getByRole('button', { name: 'תחילת כניסה בשם העסק' }).first().click();
  await page.getByRole('dialog').getByText('פנייה לתמיכה').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('every part of the administration stands in each look', async () => {
  for (const look of Object.values(LOOKS)) {
    const page = await open(browser, look);
    await signIn(page, admin);
    for (const section of ['overview', 'businesses', 'people', 'texts', 'audit', 'jobs', 'health']) {
      await page.goto(`${server.url}/admin?section=${section}`);
      await settled(page);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= look.width, `${section}: ${width} px wide in a window of ${look.width}`);
      assert.deepEqual(await accessibilityFaults(page), [], section);
    }
    assert.deepEqual(page.faults, []);
    await page.context().close();
  }
});

test('an owner is led away, and none of its code is loaded', async () => {
  const page = await open(browser);
  const loaded = [];
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  await signIn(page, server);
  await page.goto(`${server.url}/admin`);
  await page.waitForURL('**/crm');
  await until('the page to stand', async () => (await page.locator('main h1').count()) === 1);
  assert.deepEqual(loaded.filter((path) => /\/admin-[^/]*\.js$/.test(path)), []);
  assert.equal(await page.getByRole('link', { name: 'ניהול מערכת' }).count(), 0);
  await page.context().close();
});
