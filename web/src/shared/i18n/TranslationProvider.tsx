import i18next from 'i18next';
import { type ReactNode, useMemo, useSyncExternalStore } from 'react';
import { TranslationContext } from './translation';

/** Everything below it is drawn anew when the language changes. */
export function TranslationProvider(props: { children: ReactNode }) {
  const language = useSyncExternalStore(watch, () => i18next.language);
  const value = useMemo(() => ({ t: i18next.getFixedT(language), i18n: i18next }), [language]);
  return <TranslationContext value={value}>{props.children}</TranslationContext>;
}

function watch(watcher: () => void): () => void {
  i18next.on('languageChanged', watcher);
  return () => i18next.off('languageChanged', watcher);
}
