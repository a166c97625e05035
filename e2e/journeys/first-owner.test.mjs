/**
 * From the printed address to a spoken exchange with the agent and an invited colleague, without a terminal and without
 * a phone, on a server that was told nothing about where it stands.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, LOOKS, open } from '../lib/browser.mjs';
import { microphone } from '../lib/microphone.mjs';
import { line, startServer, until } from '../lib/server.mjs';

let server;
let browser;

before(async () => {
  server = await startServer({ people: false, env: { PUBLIC_BASE_URL: '' } });
  const [name, need] = [await line('name'), await line('need')];
  await server.willHear('שלום, קוראים לי דנה כהן.', name);
  await server.willHear('אני צריכה הצעת מחיר לשיפוץ של מטבח.', need);
  browser = await launch(await microphone([9, name, 9, need, 60]));
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test('the first owner is made in the browser and talks with the agent at once', async () => {
  const page = await open(browser, LOOKS['he-light'], { permissions: ['microphone'] });
  const address = await until('the printed address', () => server.setupUrl);
  assert.doesNotMatch(server.log, /serving \/assets/);
  await page.goto(address);
  await page.getByLabel('שם העסק').fill('מספרת רותי');
  await page.getByLabel('השם שלכם').fill('רותי כהן');
  await page.getByLabel('דוא״ל').fill('ruti@example.com');
  await page.getByLabel('סיסמה', { exact: true }).fill('short');
  await page.getByRole('button', { name: 'יצירת החשבון' }).click();
  await page.getByText('הסיסמה קצרה מדי: צריך 10 תווים לפחות.').waitFor();
  await page.getByLabel('סיסמה', { exact: true }).fill('a horse named battery');
  await page.getByRole('button', { name: 'יצירת החשבון' }).click();
  await page.waitForURL('**/welcome');
  await page.getByRole('button', { name: 'דילוג' }).click();
  await page.getByRole('heading', { name: 'מי עונה לטלפון?' }).waitFor();
  await page.getByRole('button', { name: 'דילוג' }).click();
  await page.getByRole('link', { name: 'לשיחת הניסיון' }).click();
  await page.waitForURL('**/test-call');
  await page.getByText('בטלפון עוד אין שיחה חופשית').waitFor();
  await page.getByText('איך מחברים').click();
  await page.getByText('PUBLIC_BASE_URL=https://calls.example.com').waitFor();

  await page.getByRole('button', { name: 'התחלת השיחה' }).click();
  await page.getByRole('button', { name: 'ניתוק' }).waitFor();
  const meter = page.getByRole('meter', { name: 'עוצמת הקול של המענה הדיגיטלי' });
  await until('the agent to be heard', async () => Number(await meter.getAttribute('aria-valuenow')) > 5);
  const words = page.getByRole('log');
  await words.getByText(/דנה כהן/).first().waitFor({ timeout: 30_000 });
  await until('what was said to be noted', async () =>
    (await page.getByText('מה נרשם מהשיחה').locator('xpath=ancestor::section').innerText()).includes('דנה כהן'), 30_000);
  await page.getByRole('button', { name: 'ניתוק' }).click();
  await page.getByText('השיחה הסתיימה').waitFor();
  await page.getByRole('link', { name: 'לשיחה המלאה' }).click();
  await page.getByRole('slider', { name: 'מיקום בהקלטה' }).waitFor({ timeout: 20_000 });

  await page.goto(`${server.url}/business?section=team`);
  await page.getByRole('button', { name: 'הזמנה לצוות' }).click();
  await page.getByLabel('שם', { exact: true }).fill('יעל כהן');
  await page.getByLabel('דוא״ל').fill('yael@example.com');
  await page.getByRole('button', { name: 'יצירת הקישור' }).click();
  const link = await page.getByLabel('קישור ההזמנה').inputValue();
  assert.ok(link.startsWith(`${server.url}/invite?token=`), link);
  assert.deepEqual(page.faults, []);
  const other = await open(browser);
  await other.goto(link);
  await other.getByText('yael@example.com').waitFor();
  await other.context().close();

  await page.goto(address);
  await page.getByText('הכתובת הזו כבר לא פעילה').waitFor();
  await page.context().close();
});
