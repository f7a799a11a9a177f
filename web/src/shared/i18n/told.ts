import type { TFunction } from 'i18next';
import type { Problem } from '@/shared/api/problem';
import { TASK_STATES } from '@/shared/api/states';
import { quote } from './quotations';

/** Sentences by code; words in braces are values that came with the code. */
type Sentences = Readonly<Record<string, string>>;

/** What the server tells by codes: what it refuses, what it says, and what of a task was changed. */
export interface Told {
  refusals: Sentences;
  sayings: Sentences;
  fields: Sentences;
}

/** A sentence of the server as it travels: the code, and the values in it. The words stand beside it. */
export interface Telling {
  code: string;
  values: Readonly<Record<string, unknown>>;
}

const VALUE = /\{\{(\w+)\}\}/g;
// What others said: git, a forge, a program, and the server where the page has no words for it.
const OTHERS = new Set(['error', 'refused', 'said']);
const COMMIT = /^[0-9a-f]{40}$/;
const SHORT_COMMIT = 7;
const OWN: Told = { refusals: {}, sayings: {}, fields: {} };
const COMING: Told = { ...OWN };
const HELD_BACK = '…';

let spoken = OWN;

/** From now on what the server tells is told in these words; without any, in its own. */
export function tellIn(words: Told | null | undefined): void {
  spoken = words ?? OWN;
}

/** The words are on their way: what the server says is held back until they are there. */
export function tellSoon(): void {
  spoken = COMING;
}

/** The words in which it is told now. */
export function toldNow(): Told {
  return spoken;
}

/** What the server refused, in the page's language; null where there are no words for it. */
export function refusalText({ code, details, message }: Problem, t: TFunction): string | null {
  const sentence = details['told'];
  const said = isTelling(sentence) ? told('sayings', sentence.code, sentence.values, t) : null;
  return said ?? told('refusals', code, { ...details, said: message }, t);
}

/** What the server said, in the page's language; its own words where there are no others. */
export function saying<Words extends string | null | undefined>(
  words: Words,
  telling: Telling | null | undefined,
  t: TFunction,
): Words | string {
  if (!telling) return words;
  if (words && spoken === COMING) return HELD_BACK;
  return tell(words, telling, t) ?? (words && marked(words, telling.values));
}

/** In the page's language; null where there are no words for it. */
function tell(words: string | null | undefined, { code, values }: Telling, t: TFunction): string | null {
  return told('sayings', code, values, t) ?? told('refusals', code, { ...values, said: words }, t);
}

/** What a code means, in the page's language; null where there are no words for it, or a value that they need is missing. */
export function told(
  kind: keyof Told,
  code: string,
  values: Readonly<Record<string, unknown>>,
  t: TFunction,
): string | null {
  const sentence = spoken[kind][code];
  if (sentence === undefined) return null;
  const texts = new Map<string, string>();
  for (const [, name = ''] of sentence.matchAll(VALUE)) {
    const text = textOf(name, values[name], t);
    if (text === null) return null;
    texts.set(name, text);
  }
  return sentence.replace(VALUE, (_, name: string) => texts.get(name) ?? '');
}

function textOf(name: string, value: unknown, t: TFunction): string | null {
  const state = TASK_STATES.find((each) => each === value);
  if (state) return t(`state.${state}`);
  if (typeof value === 'number') return String(value);
  const words = isSaid(value) ? value.words : value;
  if (typeof words !== 'string') return null;
  const ours = isSaid(value) ? tell(words, value, t) : null;
  if (ours !== null) return ours;
  if (OTHERS.has(name)) return quote(words);
  return COMMIT.test(words) ? words.slice(0, SHORT_COMMIT) : words;
}

/** The server's own words, with what others said in them marked. */
function marked(words: string, values: Telling['values']): string {
  return Object.entries(values).reduce((text, [name, value]) => {
    if (isSaid(value) && value.code) return marked(text, value.values);
    const others = isSaid(value) ? value.words : value;
    const found = OTHERS.has(name) && typeof others === 'string' && others !== '';
    return found ? text.replace(others, () => quote(others)) : text;
  }, words);
}

/** Whether something that was kept is a sentence as it travels. */
export function isTelling(value: unknown): value is Telling {
  if (typeof value !== 'object' || value === null || !('code' in value) || !('values' in value)) return false;
  return typeof value.code === 'string' && typeof value.values === 'object' && value.values !== null;
}

/** A sentence within a sentence; without a code it is somebody else's words. */
function isSaid(value: unknown): value is Telling & { words: string } {
  return typeof value === 'object' && value !== null && 'words' in value && typeof value.words === 'string';
}
