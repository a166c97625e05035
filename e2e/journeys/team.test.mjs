/** A new owner sets the business up, invites a colleague who joins and signs in, and the hours that are edited stay. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, settled, signIn } from '../lib/browser.mjs';
import { startServer, until } from '../lib/server.mjs';

const COLLEAGUE = { email: 'yael@example.com', password: 'four purple umbrellas' };

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

test('the first steps: trade, agent, number; what was chosen stands in the settings', async () => {
  const page = await open(browser);
  await signIn(page, server);
  await page.getByRole('link', { name: /לספר למענה על העסק/ }).click();
  await page.waitForURL('**/welcome');
  await page.getByRole('radio', { name: 'שיפוצים' }).check();
  await page.getByLabel('אזורי עבודה').fill('השרון והמרכז');
  await page.getByRole('button', { name: 'המשך' }).click();
  await page.getByRole('heading', { name: 'מי עונה לטלפון?' }).waitFor();
  await page.getByLabel('שם המענה הדיגיטלי').fill('רוני');
  assert.match(await page.getByLabel('משפט הפתיחה').inputValue(), /רוני/);
  await page.getByRole('button', { name: 'המשך' }).click();
  await page.getByRole('heading', { name: 'עכשיו תשמעו אותו' }).waitFor();

  // Left half-way, it goes on where it was.
  await page.getByRole('button', { name: 'אמשיך אחר כך' }).click();
  await page.waitForURL('**/crm');
  await page.getByRole('link', { name: /לספר למענה על העסק/ }).click();
  await page.getByRole('heading', { name: 'עכשיו תשמעו אותו' }).waitFor();
  await page.getByRole('button', { name: 'דילוג' }).click();
  // The number that customers know is not the line, and no line is one to which nobody called.
  await page.getByLabel('המספר שהלקוחות מחייגים').fill('052-1234567');
  await page.getByLabel('מספר הקו').fill('052-1234567');
  await page.getByRole('button', { name: 'הוספת הקו' }).click();
  await page.getByText(/^זה אותו מספר/).waitFor();
  await page.getByLabel('מספר הקו').fill('03-6001122');
  await page.getByRole('button', { name: 'הוספת הקו' }).click();
  await page.getByText('**61*036001122#').waitFor();
  const ticks = page.locator('ol').getByRole('img', { name: 'בוצע' });
  assert.equal(await ticks.count(), 2, 'the business and the agent');
  await page.getByRole('button', { name: 'סיום' }).click();
  await page.waitForURL('**/crm');
  await page.getByText('1 מתוך 4').waitFor();
  await page.getByRole('link', { name: /לקבל שיחה אמיתית/ }).getByText('הקו רשום. מתקשרים אליו פעם אחת לבדיקה').waitFor();
  await server.call('--skip-play', '--drop-after', '3', '--to', '+97236001122').done;
  await page.getByText('2 מתוך 4').waitFor();

  await page.goto(`${server.url}/business?section=calls`);
  assert.match(await page.getByLabel('הנחיות למענה').inputValue(), /שיפוץ|לשפץ/);
  assert.equal(await page.getByLabel('תשובה לנושא 1').inputValue(), 'השרון והמרכז');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a colleague is invited, joins by the link and signs in', async () => {
  const page = await open(browser);
  await signIn(page, server, '/business?section=team');
  await page.getByRole('button', { name: 'הזמנה לצוות' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('שם').fill('יעל כהן');
  await dialog.getByLabel('דוא״ל').fill(server.email);
  await dialog.getByRole('button', { name: 'יצירת הקישור' }).click();
  await dialog.getByText('אי אפשר להשתמש בדוא״ל הזה. כתבו כתובת אחרת.').waitFor();
  await dialog.getByLabel('דוא״ל').fill(COLLEAGUE.email);
  await dialog.getByRole('radio', { name: /^מנהל/ }).check();
  await dialog.getByRole('button', { name: 'יצירת הקישור' }).click();
  const link = await dialog.getByLabel('קישור ההזמנה').inputValue();
  assert.match(link, /\/invite\b/);
  const whatsapp = await dialog.getByRole('link', { name: /WhatsApp/ }).getAttribute('href');
  assert.ok(whatsapp.startsWith('https://wa.me/?text=') && decodeURIComponent(whatsapp).includes(link));
  await dialog.getByRole('button', { name: 'סיום' }).click();
  await page.getByText('הזמנה ממתינה').waitFor();

  const other = await open(browser);
  await other.goto(link);
  await other.getByText(COLLEAGUE.email).waitFor();
  await other.getByLabel('סיסמה', { exact: true }).fill('short');
  await other.getByRole('button', { name: 'הצטרפות' }).click();
  await other.getByText('הסיסמה קצרה מדי: צריך 10 תווים לפחות.').waitFor();
  await other.getByLabel('סיסמה', { exact: true }).fill(COLLEAGUE.password);
  await other.getByRole('button', { name: 'הצטרפות' }).click();
  await other.waitForURL('**/crm');
  await settled(other);
  await other.context().clearCookies();
  await signIn(other, { ...server, url: server.url, ...COLLEAGUE });
  await other.goto(link);
  await other.getByText('ההזמנה כבר לא תקפה').waitFor();
  assert.deepEqual(other.faults, []);
  await other.context().close();

  await page.reload();
  await page.getByText('יעל כהן').waitFor();
  assert.equal(await page.getByText('הזמנה ממתינה').count(), 0);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('hours are edited, checked, kept, and the change can be taken back', async () => {
  const page = await open(browser);
  await signIn(page, server, '/business?section=hours');
  const monday = page.getByRole('group', { name: 'שני', exact: true });
  await monday.getByLabel('שני, עד שעה, טווח 1').fill('13');
  await monday.getByRole('button', { name: 'טווח נוסף לשני' }).click();
  await monday.getByLabel('שני, משעה, טווח 2').fill('12:00');
  await monday.getByText('הטווחים חופפים. כל טווח מתחיל אחרי סוף הקודם.').waitFor();
  assert.ok(await page.getByRole('button', { name: 'שמירת השעות' }).isDisabled());
  await monday.getByLabel('שני, משעה, טווח 2').fill('1600');
  await monday.getByLabel('שני, עד שעה, טווח 2').fill('19:30');
  await page.getByRole('switch', { name: /^שבת/ }).click();
  await page.getByText(/השעות של שבת אינן פועלות/).waitFor();
  await page.getByRole('switch', { name: /^שבת/ }).click();
  await page.getByRole('button', { name: 'שמירת השעות' }).click();
  await page.getByText('נשמר', { exact: true }).waitFor();
  await page.reload();
  assert.equal(await page.getByLabel('שני, עד שעה, טווח 1').inputValue(), '13:00');
  assert.equal(await page.getByLabel('שני, עד שעה, טווח 2').inputValue(), '19:30');

  const observes = page.getByRole('switch', { name: /העסק שומר שבת/ });
  await observes.click();
  await page.getByRole('button', { name: 'ביטול הפעולה' }).click();
  await page.getByText('השינוי בוטל').waitFor();
  await until('the Sabbath to be kept again', async () => (await observes.getAttribute('aria-checked')) === 'true');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
