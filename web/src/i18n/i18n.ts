/** Languages of the interface. Only the active one's strings are loaded. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

export type Language = 'he' | 'en';

const load = {
  he: () => import('./he/strings'),
  en: () => import('./en/strings'),
} as const;

/** Words that come with the pages that say them. */
const later = {
  settings: {
    he: () => import('./he/settings').then(({ settings }) => settings),
    en: () => import('./en/settings').then(({ settings }) => settings),
  },
  deals: {
    he: () => import('./he/deals').then(({ deals }) => deals),
    en: () => import('./en/deals').then(({ deals }) => deals),
  },
  inbox: {
    he: () => import('./he/inbox').then(({ inbox }) => inbox),
    en: () => import('./en/inbox').then(({ inbox }) => inbox),
  },
  stats: {
    he: () => import('./he/stats').then(({ stats }) => stats),
    en: () => import('./en/stats').then(({ stats }) => stats),
  },
  platform: {
    he: () => import('./he/platform').then(({ platform }) => platform),
    en: () => import('./en/platform').then(({ platform }) => platform),
  },
  records: {
    he: () => import('./he/records').then(({ records }) => records),
    en: () => import('./en/records').then(({ records }) => records),
  },
} as const;
type Words = keyof typeof later;
const wanted = new Set<Words>();

/** Those words, in the active language and in one that is switched to later. */
export async function wantWords(...words: Words[]): Promise<void> {
  for (const name of words) wanted.add(name);
  await Promise.all(words.map((name) => addWords(name, i18next.language === 'en' ? 'en' : 'he')));
}

export function wantSettingsWords(): Promise<void> {
  return wantWords('settings');
}

async function addWords(name: Words, language: Language): Promise<void> {
  i18next.addResourceBundle(language, 'translation', await later[name][language](), true, true);
}

export function storedLanguage(): Language {
  return document.documentElement.lang === 'en' ? 'en' : 'he';
}

export async function startLanguage(language: Language): Promise<void> {
  const { strings } = await load[language]();
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: strings } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  face(language);
}

export async function switchLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    const { strings } = await load[language]();
    i18next.addResourceBundle(language, 'translation', strings);
  }
  await Promise.all([...wanted].map((name) => addWords(name, language)));
  await i18next.changeLanguage(language);
  face(language);
  try {
    localStorage.setItem('language', language);
  } catch {
    // Storage is closed: the choice holds for this window only.
  }
}

function face(language: Language): void {
  document.documentElement.lang = language;
  document.documentElement.dir = language === 'he' ? 'rtl' : 'ltr';
}
