import i18next, { type BackendModule } from 'i18next';
import { recall, remember } from '@/shared/storage';
import { fetchTold, tellIn } from './told';
import type { Words } from './words';

export const LANGUAGES = { en: 'English', es: 'Español' } as const;
export type Language = keyof typeof LANGUAGES;

const STORED_AS = 'aiworker.language';

const WORDS: Record<Language, () => Promise<Words>> = {
  en: async () => (await import('./en')).en,
  es: async () => {
    const [{ es }] = await Promise.all([import('./es'), fetchTold('es')]);
    return es;
  },
};

/** Fetches the words of a language when it is spoken first. */
const words: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read: (language, _namespace, callback) => {
    WORDS[chosenLanguage(language, [])]().then(
      (found) => {
        callback(null, found);
      },
      (problem: unknown) => {
        callback(problem instanceof Error ? problem : new Error(String(problem)), null);
      },
    );
  },
};

/** The language of the page: the one chosen here, else the browser's first that we speak, else English. */
export async function startI18n(): Promise<void> {
  await i18next.use(words).init({
    ns: 'page',
    defaultNS: 'page',
    lng: chosenLanguage(recall(STORED_AS), navigator.languages),
    // Each language has all the words.
    fallbackLng: false,
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = i18next.language;
  tellIn(i18next.language);
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language;
    remember(STORED_AS, language);
    tellIn(language);
  });
}

export function chosenLanguage(stored: string | null, wanted: readonly string[]): Language {
  for (const tag of [stored, ...wanted]) {
    const language = tag?.slice(0, 2).toLowerCase();
    if (language === 'en' || language === 'es') return language;
  }
  return 'en';
}
