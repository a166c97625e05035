/** The README's pictures: a finished call, on a desktop and on a phone, and a conversation in the inbox. */
import { mkdir, writeFile } from 'node:fs/promises';
import { launch, LOOKS, open, settled, signIn } from './lib/browser.mjs';
import { furnish } from './lib/pages.mjs';
import { startServer } from './lib/server.mjs';

const FOLDER = new URL('../docs/images/', import.meta.url).pathname;
const QUALITY = 0.86;

/** A PNG as WebP, by the browser's own encoder. */
async function toWebp(page, png) {
  const encoded = await page.evaluate(
    async ([data, quality]) => {
      const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
      const canvas = document.createElement('canvas');
      canvas.width = picture.width;
      canvas.height = picture.height;
      canvas.getContext('2d').drawImage(picture, 0, 0);
      return canvas.toDataURL('image/webp', quality).split(',')[1];
    },
    [png.toString('base64'), QUALITY],
  );
  return Buffer.from(encoded, 'base64');
}

await mkdir(FOLDER, { recursive: true });
const browser = await launch();
const server = await startServer({ whatsapp: true });
try {
  const { thread } = await furnish(server);
  await server.call('--skip-play', '--from', '+972543217788').done;
  const { results } = await server.api('GET', '/api/crm/calls');
  const call = results.find(({ from_number }) => from_number === '+972543217788');
  const encoder = await (await browser.newContext()).newPage();
  const written = async (page) => {
    // The summary is written a moment after the call.
    await page.getByRole('heading', { name: 'סיכום' }).waitFor();
    await page.getByText('התקבלה פנייה').first().waitFor({ timeout: 60_000 });
  };
  const answered = (page) => page.locator('[data-message]').nth(2).waitFor();
  for (const [name, look, path, stands] of [
    ['call', 'he-light', `/calls/${call.id}`, written],
    ['call-phone', 'he-dark-360', `/calls/${call.id}`, written],
    ['inbox', 'he-light', `/inbox?thread=${thread}`, answered],
  ]) {
    const page = await open(browser, LOOKS[look]);
    await signIn(page, server);
    await page.goto(server.url + path);
    await stands(page);
    await settled(page);
    const picture = await toWebp(encoder, await page.screenshot());
    await writeFile(`${FOLDER}${name}.webp`, picture);
    process.stdout.write(`${name}.webp ${Math.round(picture.length / 1024)} KB\n`);
  }
} finally {
  await server.stop();
  await browser.close();
}
