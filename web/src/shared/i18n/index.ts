import i18next, { type BackendModule } from 'i18next';
import { recall, remember } from '@/shared/storage';
import { tellIn, tellSoon, type Told } from './told';
import type { FirstWords, OtherWords } from './words';

export const LANGUAGES = { en: 'English', es: 'Español' } as const;
export type Language = keyof typeof LANGUAGES;

// In which what the server says is left in its own words: English is these, and of another they could not be fetched.
const withoutTold = new Set<string>(['en' satisfies Language]);
const STORED_AS = 'aiworker.language';

interface Parts {
  first: FirstWords;
  rest: OtherWords;
  told: Told | null;
}

const FETCH: Record<Language, { [Part in keyof Parts]: () => Promise<Parts[Part]> }> = {
  en: {
    first: () => import('./en/first'),
    rest: () => import('./en/rest'),
    // English is the server's own: it says more than a code can.
    told: () => Promise.resolve(null),
  },
  es: {
    first: () => import('./es/first'),
    rest: () => import('./es/rest'),
    told: () => import('./es/told'),
  },
};
const PARTS = ['first', 'rest', 'told'] as const;

const words: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read: (language, part, callback) => {
    FETCH[language as Language][part as keyof Parts]().then(
      (found) => {
        callback(null, found);
      },
      (problem: unknown) => {
        // It is tried again, and once more whenever it is needed.
        callback(problem instanceof Error ? problem : new Error(String(problem)), true);
      },
    );
  },
};

/** The language of the page: the one chosen here, else the browser's first that we speak, else English. */
export async function startI18n(): Promise<void> {
  await i18next.use(words).init({
    ns: 'first',
    defaultNS: 'first',
    fallbackNS: 'rest',
    lng: chosenLanguage(recall(STORED_AS), navigator.languages),
    // Each language has all the words.
    fallbackLng: false,
    interpolation: { escapeValue: false },
  });
  // Only the first language comes in parts: another is not spoken before all of it is there.
  i18next.options.ns = PARTS;
  document.documentElement.lang = i18next.language;
  tell();
  i18next.on('loaded', tell);
  i18next.on('failedLoading', (language: string, part: string) => {
    if (part === 'told') withoutTold.add(language);
    tell();
  });
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language;
    remember(STORED_AS, language);
    tell();
  });
}

/** Fetches what the first load leaves out; who shows it waits for it. */
export async function fetchWords(): Promise<void> {
  await i18next.loadNamespaces(PARTS);
  if (!i18next.hasResourceBundle(i18next.language, 'rest')) throw new Error('The words cannot be fetched');
}

function tell(): void {
  const words = i18next.getResourceBundle(i18next.language, 'told') as Told | null | undefined;
  if (words ?? withoutTold.has(i18next.language)) tellIn(words);
  else tellSoon();
}

export function chosenLanguage(stored: string | null, wanted: readonly string[]): Language {
  for (const tag of [stored, ...wanted]) {
    const language = tag?.slice(0, 2).toLowerCase();
    if (language === 'en' || language === 'es') return language;
  }
  return 'en';
}
