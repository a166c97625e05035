/** Languages of the interface. Only the active one's strings are loaded. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

export type Language = 'he' | 'en';

const load = {
  he: () => import('./he/strings'),
  en: () => import('./en/strings'),
} as const;

const loadSettings = {
  he: () => import('./he/settings'),
  en: () => import('./en/settings'),
} as const;
let settingsWanted = false;

/** The words of the settings pages, in the active language and in one that is switched to later. */
export async function wantSettingsWords(): Promise<void> {
  settingsWanted = true;
  await addSettingsWords(i18next.language === 'en' ? 'en' : 'he');
}

async function addSettingsWords(language: Language): Promise<void> {
  const { settings } = await loadSettings[language]();
  i18next.addResourceBundle(language, 'translation', settings, true, true);
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
  if (settingsWanted) await addSettingsWords(language);
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
