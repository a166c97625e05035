// How much JavaScript the first page loads, compressed, as it was just built: with its language and with «today». The
// realtime connection follows once that is drawn.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const MOST_BYTES = 200 * 1024;
const DIST = new URL('../dist', import.meta.url).pathname;
const FIRST = ['index.html', 'src/i18n/he/strings.ts', 'src/routes/today.tsx'];

const chunks = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8'));
const seen = new Set();
const add = (key) => {
  if (seen.has(key)) return;
  if (!chunks[key]) throw new Error(`the build has no ${key}`);
  seen.add(key);
  for (const next of chunks[key].imports ?? []) add(next);
};
for (const page of FIRST) add(page);
const weigh = (key) => gzipSync(readFileSync(join(DIST, chunks[key].file))).length;
const kb = Math.ceil([...seen].reduce((sum, key) => sum + weigh(key), 0) / 1024);
const told = `first page: ${kb} KB of JavaScript, compressed; at most ${MOST_BYTES / 1024}\n`;
(kb * 1024 > MOST_BYTES ? process.stderr : process.stdout).write(told);
process.exitCode = kb * 1024 > MOST_BYTES ? 1 : 0;
