/** Debian's Chromium, as a person would have it: its own profile each time, nothing in the background. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A page that was fulfilled from a folder may open a connection to the server under test.
  '--disable-features=LocalNetworkAccessChecks',
];

export const LOOKS = {
  'he-light': { language: 'he', theme: 'light', width: 1440, height: 900 },
  'he-dark-360': { language: 'he', theme: 'dark', width: 360, height: 780 },
  'en-light-360': { language: 'en', theme: 'light', width: 360, height: 780 },
  'en-dark': { language: 'en', theme: 'dark', width: 1440, height: 900 },
};

export function launch(extra = []) {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: [...FLAGS, ...extra] });
}

/**
 * With `WEB_DIST` (such as `../web/dist`) pages come from that folder and not from the program, so that a change of the
 * web app is seen without building the program anew. Audio worklets the browser fetches past this: they are the program's own.
 */
async function serveFrom(context, folder) {
  await context.route(
    ({ pathname }) => !/^\/(api|webhook|auth|media|static|socket\.io)\//.test(pathname),
    async (route) => {
      const request = route.request();
      const { pathname } = new URL(request.url());
      const file = join(folder, request.isNavigationRequest() ? 'index.html' : pathname);
      if (existsSync(file)) await route.fulfill({ path: file });
      else await route.continue();
    },
  );
}

/** A window in one of the looks. `page.faults` gathers what no page may do. */
export async function open(browser, look = LOOKS['he-light'], options = {}) {
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.height },
    deviceScaleFactor: look.width < 500 ? 2 : 1,
    ...options,
  });
  if (process.env.WEB_DIST) await serveFrom(context, resolve(process.env.WEB_DIST));
  await context.addInitScript(({ language, theme }) => {
    // An empty window has no storage.
    if (window.origin === 'null') return;
    localStorage.setItem('language', language);
    localStorage.setItem('theme', theme);
  }, look);
  const page = await context.newPage();
  page.faults = [];
  page.on('console', (message) => {
    // A refused request is written to the console by the browser itself; the page is judged by what it shows.
    // With WEB_DIST the browser takes the page for one from elsewhere, and lets it open no socket.
    if (message.type() === 'error' && !/status of 4(0[149]|10|22)|LOCAL_NETWORK_ACCESS/.test(message.text())) page.faults.push(message.text());
  });
  page.on('pageerror', (error) => page.faults.push(error.stack ?? error.message));
  // A loaded machine may be given more time.
  page.setDefaultTimeout(Number(process.env.PAGE_TIMEOUT_MS ?? 15_000));
  return page;
}

export async function signIn(page, server, path = '/crm') {
  await page.goto(`${server.url}/login?next=${encodeURIComponent(path)}`);
  await page.locator('input[type=email]').fill(server.email);
  await page.locator('input[type=password]').fill(server.password);
  await page.locator('button[type=submit]').click();
  await page.waitForURL((url) => url.pathname + url.search === path || url.pathname === path);
}

/** Nothing moves and nothing is on its way. */
export async function settled(page) {
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => document.fonts.ready);
  await page.waitForFunction(() => !document.querySelector('[aria-busy=true], .animate-shimmer'));
  await page.evaluate(async () => {
    // Those that go round for ever (a pulsing dot) never finish, and are no reason to wait.
    const moving = () =>
      document
        .getAnimations()
        .filter(({ effect, playState }) => playState === 'running' && effect?.getComputedTiming().endTime !== Infinity);
    for (let now = moving(); now.length > 0; now = moving()) await Promise.allSettled(now.map(({ finished }) => finished));
  });
}

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe finds that is serious, as lines to read. */
export async function accessibilityFaults(page) {
  const { readFile } = await import('node:fs/promises');
  await page.evaluate(await readFile(axe, 'utf8'));
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical' || impact === 'moderate')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} – ${node.failureSummary}`));
}
