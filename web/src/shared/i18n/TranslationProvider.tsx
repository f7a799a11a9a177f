import i18next from 'i18next';
import { type ReactNode, useMemo, useSyncExternalStore } from 'react';
import { toldNow } from './told';
import { TranslationContext } from './translation';

const CHANGES = 'languageChanged loaded failedLoading';

/** Everything below it is drawn anew when the language changes, and when what the server tells can be told in it. */
export function TranslationProvider(props: { children: ReactNode }) {
  const language = useSyncExternalStore(watch, () => i18next.language);
  const told = useSyncExternalStore(watch, toldNow);
  const value = useMemo(() => ({ t: i18next.getFixedT(language), i18n: i18next, told }), [language, told]);
  return <TranslationContext value={value}>{props.children}</TranslationContext>;
}

function watch(watcher: () => void): () => void {
  i18next.on(CHANGES, watcher);
  return () => i18next.off(CHANGES, watcher);
}
