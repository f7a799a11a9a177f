import i18next, { type i18n, type TFunction } from 'i18next';
import { createContext, useContext } from 'react';

interface Translation {
  t: TFunction;
  i18n: i18n;
}

export const TranslationContext = createContext<Translation>({ t: i18next.t, i18n: i18next });

/** The words of the page in its language. One for all: a board draws hundreds of small things that each have a word. */
export function useTranslation(): Translation {
  return useContext(TranslationContext);
}
