/** Every page in the four looks: nothing serious for axe, nothing in the console, nothing wider than the window. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFaults, launch, LOOKS, open, settled, signIn } from '../lib/browser.mjs';
import { furnish, OPENED, PAGES } from '../lib/pages.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let browser;
let places;

before(async () => {
  server = await startServer({ whatsapp: true });
  browser = await launch();
  places = await furnish(server);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const DIALOGS = [
  'filter of customers',
  'views',
  'picked customers',
  'new customer',
  'merge',
  'forget',
  'new field',
  'invitation',
  'connection warning',
  'connection',
  'connection made',
];

async function judge(page, look) {
  await settled(page);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= look.width, `${width} px wide in a window of ${look.width}`);
  assert.deepEqual(await accessibilityFaults(page), []);
  assert.deepEqual(page.faults, []);
}

for (const [name, look] of Object.entries(LOOKS)) {
  test(`dialogs in ${name}`, async (context) => {
    const page = await open(browser, look);
    await signIn(page, server);
    for (const [title, path, act] of OPENED.filter(([one]) => DIALOGS.includes(one))) {
      // Rows are picked where there is room for a table.
      if (title === 'picked customers' && look.width < 500) continue;
      await context.test(title, async () => {
        page.faults.length = 0;
        // Coming back to the address where a dialog stood would open that one again, as a reload does.
        await page.goto('about:blank');
        await page.goto(server.url + path(places));
        await settled(page);
        await act(page, server, places);
        await judge(page, look);
      });
    }
    await page.context().close();
  });
}

for (const [name, look] of Object.entries(LOOKS)) {
  test(`pages in ${name}`, async (context) => {
    const page = await open(browser, look);
    await signIn(page, server);
    for (const [title, path] of PAGES) {
      await context.test(title, async () => {
        page.faults.length = 0;
        await page.goto(server.url + path(places));
        await judge(page, look);
        const direction = await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);
        assert.deepEqual(direction, look.language === 'he' ? ['he', 'rtl'] : ['en', 'ltr']);
      });
    }
    await page.context().close();
  });
}
