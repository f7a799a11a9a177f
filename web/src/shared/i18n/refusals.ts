import type { TFunction } from 'i18next';
import type { Problem } from '@/shared/api/problem';
import { TASK_STATES } from '@/shared/api/states';

const DETAIL = /\{\{(\w+)\}\}/g;

let known: Readonly<Record<string, string>> = {};

/** Fetches the sentences of a language, apart from the page's other words: most visits need none. English is the server's. */
export async function loadRefusals(language: string): Promise<void> {
  known = language === 'es' ? (await import('./es/refusals')).refusals : {};
}

/** What the server refused, in the page's language; null where there are no words for it. */
export function refusalText({ code, details, message }: Problem, t: TFunction): string | null {
  const sentence = known[code];
  if (sentence === undefined) return null;
  const values: Readonly<Record<string, unknown>> = { ...details, said: message };
  const texts = new Map<string, string>();
  for (const [, name = ''] of sentence.matchAll(DETAIL)) {
    const text = textOf(values[name], t);
    if (text === null) return null;
    texts.set(name, text);
  }
  return sentence.replace(DETAIL, (_, name: string) => texts.get(name) ?? '');
}

function textOf(value: unknown, t: TFunction): string | null {
  const state = TASK_STATES.find((each) => each === value);
  if (state) return t(`state.${state}`);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}
