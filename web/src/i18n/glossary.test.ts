import { expect, it } from 'vitest';
import { deals as enDeals } from './en/deals';
import { inbox as enInbox } from './en/inbox';
import { platform as enPlatform } from './en/platform';
import { records as enRecords } from './en/records';
import { settings as enSettings } from './en/settings';
import { strings as en } from './en/strings';
import glossary from './glossary.json';
import { deals as heDeals } from './he/deals';
import { inbox as heInbox } from './he/inbox';
import { platform as hePlatform } from './he/platform';
import { records as heRecords } from './he/records';
import { settings as heSettings } from './he/settings';
import { strings as he } from './he/strings';

function find(strings: object, key: string): unknown {
  return key.split('.').reduce<unknown>((inner, name) => (inner as Record<string, unknown>)?.[name], strings);
}

it.each(Object.entries(glossary))('%s keeps the word of the glossary', (key, words) => {
  expect(find({ ...he, ...heSettings, ...hePlatform, ...heDeals, ...heInbox, ...heRecords }, key)).toBe(
    words.he,
  );
  expect(find({ ...en, ...enSettings, ...enPlatform, ...enDeals, ...enInbox, ...enRecords }, key)).toBe(
    words.en,
  );
});
