/** Pictures of every page in the four looks – with content, empty, and in trouble – to be judged by eye. */
import { mkdir } from 'node:fs/promises';
import { launch, LOOKS, open, settled, signIn } from './lib/browser.mjs';
import { furnish, PAGES } from './lib/pages.mjs';
import { startServer, until } from './lib/server.mjs';

const FOLDER = new URL('./screens/', import.meta.url).pathname;
const [wantedLook, wantedPage] = process.argv.slice(2);

async function shoot(page, state, name, look) {
  await settled(page).catch(() => {});
  const file = `${FOLDER}${name.replaceAll(' ', '-')}.${state}.${look}.png`;
  await page.screenshot({ path: file, fullPage: LOOKS[look].width < 500 });
  process.stdout.write(`${file}\n`);
}

async function everyLook(act) {
  for (const look of Object.keys(LOOKS)) {
    if (wantedLook && wantedLook !== 'all' && wantedLook !== look) continue;
    const page = await open(browser, LOOKS[look]);
    await act(page, look);
    await page.context().close();
  }
}

const pages = PAGES.filter(([name]) => !wantedPage || name === wantedPage);
await mkdir(FOLDER, { recursive: true });
const browser = await launch();

const empty = await startServer();
try {
  await everyLook(async (page, look) => {
    await signIn(page, empty);
    for (const [name, path] of pages.filter(([, where]) => !/undefined/.test(where({})))) {
      await page.goto(empty.url + path({}));
      await shoot(page, 'empty', name, look);
    }
    await page.route('**/api/{crm,calls,tasks}/**', (route) =>
      route.fulfill({
        status: 500,
        contentType: 'application/problem+json',
        body: JSON.stringify({ error: 'internal', request_id: '01936c1a-8f7e-7a11-9a55-1b8a0c2d4e6f' }),
      }),
    );
    for (const [name, path] of pages.filter(([title]) => ['today', 'calls', 'customers'].includes(title))) {
      await page.goto(empty.url + path({}));
      await shoot(page, 'trouble', name, look);
    }
  });
} finally {
  await empty.stop();
}

const full = await startServer();
try {
  const places = await furnish(full);
  await everyLook(async (page, look) => {
    await signIn(page, full);
    for (const [name, path] of pages) {
      await page.goto(full.url + path(places));
      await shoot(page, 'full', name, look);
    }
    if (wantedPage && wantedPage !== 'live') return;
    const call = full.call('--skip-play');
    const live = await until('a live call', async () => {
      const listed = await full.api('GET', '/api/crm/calls?status=in-progress');
      return listed.results[0];
    });
    await page.goto(`${full.url}/calls/${live.id}`);
    await page.waitForTimeout(9_000);
    await shoot(page, 'full', 'live', look);
    call.stop();
  });
} finally {
  await full.stop();
  await browser.close();
}
