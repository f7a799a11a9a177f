import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { recall, remember } from '@/shared/storage';
import { en } from './en';
import { es } from './es';
import { loadRefusals } from './refusals';

export const LANGUAGES = { en: 'English', es: 'Español' } as const;
export type Language = keyof typeof LANGUAGES;

const STORED_AS = 'aiworker.language';

/** The language of the page: the one chosen here, else the browser's first that we speak, else English. */
export async function startI18n(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: { en: { page: en }, es: { page: es } },
    defaultNS: 'page',
    lng: chosenLanguage(recall(STORED_AS), navigator.languages),
    fallbackLng: 'en',
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = i18next.language;
  tellRefusalsIn(i18next.language);
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language;
    remember(STORED_AS, language);
    tellRefusalsIn(language);
  });
}

// Without them the server's own English sentences are shown.
function tellRefusalsIn(language: string): void {
  loadRefusals(language).catch(() => undefined);
}

export function chosenLanguage(stored: string | null, wanted: readonly string[]): Language {
  for (const tag of [stored, ...wanted]) {
    const language = tag?.slice(0, 2).toLowerCase();
    if (language === 'en' || language === 'es') return language;
  }
  return 'en';
}
