/** On a phone the owner works off who waits since closing; its numbers are those of the lists they open. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, LOOKS, open, settled, signIn } from '../lib/browser.mjs';
import { furnish } from '../lib/pages.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let browser;

before(async () => {
  server = await startServer();
  browser = await launch();
  await furnish(server);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test('who waits since closing is cleared at 360 px', async () => {
  const data = await server.api('GET', '/api/stats/since_closing');
  const listed = await server.api('GET', data.calls.all.query);
  assert.equal(listed.total, data.calls.all.total);
  const page = await open(browser, LOOKS['he-dark-360']);
  await signIn(page, server);
  await settled(page);
  const panel = page.locator('section').filter({ has: page.getByRole('heading', { name: /^מאז הסגירה|^היום$/ }) }).first();
  const rows = panel.getByRole('list', { name: 'ממתינים' }).getByRole('listitem');
  assert.equal(await rows.count(), data.waiting.rows.length);
  for (let left = await rows.count(); left > 0; left -= 1) {
    await rows.first().getByRole('button', { name: 'סימון כטופל' }).click();
    await page.waitForFunction(
      ([count]) => document.querySelectorAll('ul[aria-label="ממתינים"] > li').length < count,
      [left],
    );
  }
  await panel.getByText('אף אחד לא ממתין מאז הסגירה').waitFor();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `${width} px wide`);
  await panel.getByRole('link', { name: /שיחות/ }).click();
  await page.waitForURL('**/calls?*');
  await settled(page);
  await page.waitForFunction(
    ([total]) => [...document.querySelectorAll('main ul > li')].filter((row) => row.textContent.trim()).length === total,
    [listed.total],
  );
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
