import type { TFunction } from 'i18next';
import type { Problem } from '@/shared/api/problem';
import { TASK_STATES } from '@/shared/api/states';

let known: Readonly<Record<string, string>> = {};

/** Fetches the sentences of a language, apart from the page's other words: most visits need none. English is the server's. */
export async function loadRefusals(language: string): Promise<void> {
  known = language === 'es' ? (await import('./es/refusals')).refusals : {};
}

/** What the server refused, in the page's language; null where there are no words for it. */
export function refusalText({ code, details, message }: Problem, t: TFunction): string | null {
  const sentence = known[code];
  if (sentence === undefined) return null;
  const values = { ...details, said: message };
  let complete = true;
  const text = sentence.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = (values as Record<string, unknown>)[name];
    const state = TASK_STATES.find((each) => each === value);
    if (state) return t(`state.${state}`);
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    complete = false;
    return '';
  });
  return complete ? text : null;
}
