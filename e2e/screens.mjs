/**
 * Pictures of every page in the four looks – `full`, `empty`, in `trouble`, and with what is `open` over it. All of them,
 * or `node screens.mjs <look|all> <page|all> <state|all>`.
 */
import { mkdir } from 'node:fs/promises';
import { launch, LOOKS, open, settled, signIn } from './lib/browser.mjs';
import { ADMIN_PAGES, furnish, OPENED, PAGES } from './lib/pages.mjs';
import { startServer, until } from './lib/server.mjs';

const FOLDER = new URL('./screens/', import.meta.url).pathname;
const [wantedLook = 'all', wantedPage = 'all', wantedState = 'all'] = process.argv.slice(2);

const wanted = (name) => wantedPage === 'all' || name === wantedPage;
const inState = (state) => wantedState === 'all' || state === wantedState;
const pages = PAGES.filter(([name]) => wanted(name));
const administration = ADMIN_PAGES.filter(([name]) => wanted(name));
const opened = OPENED.filter(([name]) => wanted(name));

async function shoot(page, state, name, look, fullPage = LOOKS[look].width < 500) {
  await settled(page);
  const file = `${FOLDER}${name.replaceAll(' ', '-')}.${state}.${look}.png`;
  await page.screenshot({ path: file, fullPage });
  process.stdout.write(`${file}\n`);
}

/** One window after the other, each with a session of its own. */
async function everyLook(server, act, person = server) {
  for (const look of Object.keys(LOOKS)) {
    if (wantedLook !== 'all' && wantedLook !== look) continue;
    const page = await open(browser, LOOKS[look]);
    await signIn(page, person);
    await act(page, look);
    await page.context().close();
  }
}

async function shootAll(page, server, places, state, look, list = pages) {
  if (!inState(state)) return;
  for (const [name, path] of list) {
    if (/undefined/.test(path(places))) continue;
    await page.goto(server.url + path(places));
    await shoot(page, state, name, look);
  }
}

async function breakApi(page) {
  await page.route(/\/api\/(crm|calls|tasks|customer|deals|pipelines|stats|custom_fields|views|exports|audit|whatsapp|admin|businesses|users)/, (route) =>
    route.fulfill({
      status: 500,
      contentType: 'application/problem+json',
      body: JSON.stringify({ error: 'internal', request_id: '01936c1a-8f7e-7a11-9a55-1b8a0c2d4e6f' }),
    }),
  );
}

async function shootOpened(page, server, places, look) {
  if (!inState('open')) return;
  for (const [name, path, act] of opened) {
    // Rows are picked where there is room for a table.
    if (name === 'picked customers' && LOOKS[look].width < 500) continue;
    // Coming back to the address where a dialog stood would open that one again.
    await page.goto('about:blank');
    await page.goto(server.url + path(places));
    await settled(page);
    try {
      await act(page, server, places);
      await shoot(page, 'open', name, look, false);
    } catch (error) {
      // The others are worth a look all the same.
      process.stderr.write(`${name} in ${look}: ${error.message}\n`);
      process.exitCode = 1;
    }
  }
}

async function shootLive(page, server, look) {
  const call = server.call('--skip-play');
  const live = await until('a live call', async () => {
    const listed = await server.api('GET', '/api/crm/calls?status=in-progress');
    return listed.results[0];
  });
  await page.goto(`${server.url}/calls/${live.id}`);
  // The caller's second line: there are turns of both by then.
  await page.getByRole('log').getByText('מטבח').first().waitFor({ timeout: 60_000 });
  await shoot(page, 'full', 'live', look);
  await page.goto(`${server.url}/crm`);
  await page.locator('main .animate-pulse-mark').first().waitFor();
  await shoot(page, 'live', 'today', look);
  // The next look begins with nobody on the line.
  await call.done;
}

await mkdir(FOLDER, { recursive: true });
const browser = await launch();

const fresh = await startServer({ people: false });
try {
  for (const look of Object.keys(LOOKS)) {
    if (!wanted('set-up') || !inState('empty') || (wantedLook !== 'all' && wantedLook !== look)) continue;
    const page = await open(browser, LOOKS[look]);
    await page.goto(await until('the printed address', () => fresh.setupUrl));
    await shoot(page, 'empty', 'set-up', look);
    await page.goto(`${fresh.url}/setup?token=gone`);
    await shoot(page, 'trouble', 'set-up', look);
    await page.context().close();
  }
} finally {
  await fresh.stop();
}

const empty = await startServer();
try {
  await everyLook(empty, (page, look) => shootAll(page, empty, {}, 'empty', look));
  const customer = await empty.api('POST', '/api/crm/customers', { name: 'ישראל ישראלי', phone: '052-1234567' });
  const ofCustomer = pages.filter(([, path]) => path({}).includes('undefined'));
  await everyLook(empty, (page, look) => shootAll(page, empty, { customer: customer.id }, 'empty', look, ofCustomer));
} finally {
  await empty.stop();
}

const full = await startServer({ whatsapp: true });
try {
  const places = await furnish(full);
  await everyLook(full, async (page, look) => {
    await shootAll(page, full, places, 'full', look);
    await shootOpened(page, full, places, look);
    if (wanted('live') && inState('full')) await shootLive(page, full, look);
    await breakApi(page);
    await shootAll(page, full, places, 'trouble', look);
  });
  if (administration.length > 0) {
    const admin = await full.makeUser('noa@example.com', 'admin', 'נועה שחר');
    await everyLook(
      full,
      async (page, look) => {
        await shootAll(page, full, {}, 'full', look, administration);
        await breakApi(page);
        await shootAll(page, full, {}, 'trouble', look, administration);
      },
      admin,
    );
  }
} finally {
  await full.stop();
  await browser.close();
}
