import { expect, it } from 'vitest';
import { strings as en } from './en/strings';
import glossary from './glossary.json';
import { strings as he } from './he/strings';

function find(strings: object, key: string): unknown {
  return key.split('.').reduce<unknown>((inner, name) => (inner as Record<string, unknown>)?.[name], strings);
}

it.each(Object.entries(glossary))('%s keeps the word of the glossary', (key, words) => {
  expect(find(he, key)).toBe(words.he);
  expect(find(en, key)).toBe(words.en);
});
