// What no linter checks: strings in both languages, keys that exist and are used, no words outside the translations,
// logical CSS only, no imports between features. What the first page weighs, size.mjs measures after each build.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = new URL('..', import.meta.url).pathname;
const SRC = join(ROOT, 'src');
const PLURALS = { he: ['one', 'two', 'other'], en: ['one', 'other'] };
const problems = [];

const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

function flatten(value, prefix, into) {
  for (const [name, inner] of Object.entries(value)) {
    const key = prefix ? `${prefix}.${name}` : name;
    if (inner && typeof inner === 'object' && !Array.isArray(inner)) flatten(inner, key, into);
    else into.set(key, inner);
  }
  return into;
}

function strings(language) {
  const all = new Map();
  const folder = join(SRC, 'i18n', language);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const subject = file.replace('.json', '').replace(/-(.)/g, (_, letter) => letter.toUpperCase());
    flatten(JSON.parse(readFileSync(join(folder, file), 'utf8')), subject, all);
  }
  return all;
}

const plural = (key) => key.replace(/_(one|two|other)$/, '');
const placeholders = (text) =>
  [...String(text).matchAll(/{{(\w+)}}/g)]
    .map((found) => found[1])
    .sort()
    .join();

function compareLanguages(he, en) {
  const bases = { he: new Set([...he.keys()].map(plural)), en: new Set([...en.keys()].map(plural)) };
  for (const key of bases.he) if (!bases.en.has(key)) problems.push(`en lacks ${key}`);
  for (const key of bases.en) if (!bases.he.has(key)) problems.push(`he lacks ${key}`);
  comparePlurals('he', he);
  comparePlurals('en', en);
  for (const [key, text] of he) {
    if (en.has(key) && !/_(one|two)$/.test(key) && placeholders(text) !== placeholders(en.get(key))) {
      problems.push(`placeholders of ${key} differ`);
    }
  }
}

function comparePlurals(language, all) {
  for (const key of [...all.keys()].filter((name) => name.endsWith('_other'))) {
    for (const form of PLURALS[language]) {
      if (!all.has(`${plural(key)}_${form}`)) problems.push(`${language} lacks ${plural(key)}_${form}`);
    }
  }
}

const OWN_NAMES = new Set(['shell.hebrew', 'shell.english', 'customers.source.whatsapp']);

function checkLeaks(he, en) {
  for (const [key, text] of he) {
    const bare = String(text).replace(/{{\w+}}/g, '');
    if (
      !OWN_NAMES.has(key) &&
      /[A-Za-z]{3,}/.test(bare.replace(/WCAG|https|AA|WhatsApp|Twilio|Meta|Shift|CSV|vCard/g, ''))
    )
      problems.push(`English in he ${key}`);
    if (/!/.test(bare)) problems.push(`exclamation mark in he ${key}`);
  }
  for (const [key, text] of en) {
    if (!OWN_NAMES.has(key) && /[\u0590-\u05ff]/.test(String(text))) problems.push(`Hebrew in en ${key}`);
    if (/!/.test(String(text))) problems.push(`exclamation mark in en ${key}`);
  }
}

function checkUse(all, sources) {
  const code = sources.map(([, text]) => text).join('\n');
  const dynamic = [...code.matchAll(/`((?:[a-z]\w*\.)+)\$\{/gi)].map((found) => found[1]);
  for (const key of new Set([...all.keys()].map(plural))) {
    const named = code.includes(`'${key}'`) || code.includes(`"${key}"`);
    if (!named && !dynamic.some((prefix) => key.startsWith(prefix))) problems.push(`nobody says ${key}`);
  }
}

const PHYSICAL =
  /(?<![\w-])-?(?:ml|mr|pl|pr|left|right|border-l|border-r|rounded-l|rounded-r|text-left|text-right)-(?:\d|\[|auto|px|card|control|full)|(?<![\w-])text-(?:left|right)(?![\w-])|(?:margin|padding|border)-(?:left|right)/;

function checkSource([file, text]) {
  const name = relative(SRC, file);
  if (
    /\.tsx?$/.test(name) &&
    !name.startsWith('i18n/') &&
    !/\.test\.tsx?$/.test(name) &&
    !name.startsWith('test/')
  ) {
    const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
    if (/[\u05d0-\u05ea]/.test(code)) problems.push(`${name}: Hebrew outside the translations`);
    if (/>\s*[A-Z][a-z]+ [a-z]+[^<>{}]*</.test(code))
      problems.push(`${name}: words outside the translations`);
    if (/\bIntl\./.test(code) && name !== 'format/dates.ts')
      problems.push(`${name}: calls Intl; format/ does that`);
  }
  if (/\.(tsx|css)$/.test(name) && PHYSICAL.test(text)) {
    problems.push(`${name}: left or right in CSS: ${PHYSICAL.exec(text)?.[0]}`);
  }
  const feature = /^features\/([^/]+)\//.exec(name)?.[1];
  for (const [, other] of text.matchAll(/from '@\/features\/([^/']+)/g)) {
    if (feature && other !== feature) problems.push(`${name}: imports the feature ${other}`);
    if (!feature && !/^(routes|router|test)/.test(name))
      problems.push(`${name}: only routes put features together`);
  }
}

const he = strings('he');
const en = strings('en');
const sources = files(SRC)
  .filter((file) => /\.(tsx?|css)$/.test(file) && !file.endsWith('.gen.ts'))
  .map((file) => [file, readFileSync(file, 'utf8')]);
compareLanguages(he, en);
checkLeaks(he, en);
checkUse(
  new Map([...he, ...en]),
  sources.filter(([file]) => !file.endsWith('.test.ts')),
);
for (const source of sources) checkSource(source);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exit(problems.length > 0 ? 1 : 0);
