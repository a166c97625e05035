/** A deal is made, moved with mouse and keyboard, and won; another is lost with its reason. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, LOOKS, open, settled, signIn } from '../lib/browser.mjs';
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

const stageOf = async (title) => {
  const board = await server.api('GET', '/api/deals/board');
  return board.stages.findIndex(({ deals }) => deals.some((deal) => deal.title === title));
};

test('a deal is made in the dialog, dragged onwards, moved by keys, and won', async () => {
  await server.api('POST', '/api/crm/customers', { name: 'ישראל ישראלי', phone: '052-1234567' });
  const page = await open(browser);
  await signIn(page, server, '/deals');
  await page.getByRole('button', { name: 'עסקה חדשה' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('כותרת').fill('שיפוץ מטבח');
  await dialog.getByRole('searchbox').fill('ישראל');
  await dialog.getByRole('button', { name: /ישראל ישראלי/ }).click();
  await dialog.getByLabel(/^סכום/).fill('85,000');
  await dialog.getByRole('button', { name: 'יצירת העסקה' }).click();
  const card = page.locator('[data-deal]').filter({ hasText: 'שיפוץ מטבח' });
  await card.getByText('85,000 ₪').waitFor();
  const columns = page.locator('[data-stage]');
  const [from, to] = [await card.boundingBox(), await columns.nth(1).boundingBox()];
  const first = await columns.nth(0).boundingBox();
  assert.ok(first.x > to.x, 'the first stage stands at the right');
  await page.mouse.move(from.x + from.width / 2, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(to.x + to.width / 2, to.y + 80, { steps: 8 });
  await page.mouse.up();
  await columns.nth(1).locator('[data-deal]').filter({ hasText: 'שיפוץ מטבח' }).waitFor();
  await until('the server to know', async () => (await stageOf('שיפוץ מטבח')) === 1);
  assert.equal(await dialog.count(), 0, 'a drag opens nothing');

  await settled(page);
  await card.getByRole('button', { name: /^שיפוץ מטבח/ }).focus();
  await page.keyboard.press('Shift+ArrowLeft');
  await until('forward to be leftwards', async () => (await stageOf('שיפוץ מטבח')) === 2);
  await page.getByText(/שיפוץ מטבח: שלב .*, מקום 1 מתוך 1/).waitFor({ state: 'attached' });
  await card.getByRole('button', { name: 'פעולות על שיפוץ מטבח' }).click();
  await page.getByRole('menuitem', { name: 'נסגרה בהצלחה' }).click();
  await card.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'רשימה' }).click();
  await page.getByRole('row', { name: /שיפוץ מטבח/ }).getByText('נסגרה בהצלחה').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('on a phone a deal is moved by its menu, lost with a reason, and stands on its customer’s page', async () => {
  const { results } = await server.api('GET', '/api/crm/customers');
  await server.api('POST', '/api/deals', { title: 'ריצוף מרפסת', customer_id: results[0].id, amount_minor: 900_000 });
  const page = await open(browser, LOOKS['he-dark-360']);
  await signIn(page, server, '/deals');
  const card = page.locator('[data-deal]').filter({ hasText: 'ריצוף מרפסת' });
  await card.getByRole('button', { name: 'פעולות על ריצוף מרפסת' }).click();
  await page.getByRole('menuitemradio').nth(1).click();
  await until('the move', async () => (await stageOf('ריצוף מרפסת')) === 1);
  await settled(page);
  await card.getByRole('button', { name: 'פעולות על ריצוף מרפסת' }).click();
  await page.getByRole('menuitem', { name: 'לא יצאה לפועל' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'המחיר' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'סימון העסקה' }).click();
  await card.waitFor({ state: 'detached' });
  await page.goto(`${server.url}/crm/customers/${results[0].id}?tab=deals`);
  await page.getByRole('listitem').filter({ hasText: 'ריצוף מרפסת' }).getByText('לא יצאה לפועל').waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
