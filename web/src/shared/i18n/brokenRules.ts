import type { TFunction } from 'i18next';
import { Problem } from '@/shared/api/problem';
import { problemText } from './problemText';
import { isTelling, saying } from './told';

/** Which fields break a rule, by their paths, and which rule that is; nothing where the server refused something else. */
export function brokenRules(
  error: unknown,
  t: TFunction,
): readonly (readonly [path: string, rule: string])[] {
  const fields: unknown = error instanceof Problem ? error.details['fields'] : null;
  if (!Array.isArray(fields)) return [];
  return (fields as readonly { field?: unknown; rule?: unknown; told?: unknown }[]).flatMap(
    ({ field, rule, told }) =>
      typeof field === 'string' && typeof rule === 'string'
        ? [[field, saying(rule, isTelling(told) ? told : null, t)] as const]
        : [],
  );
}

/** What the server refused of a form, by its fields; null if it is about none of them. `byCode`: what codes are about. */
export function refusedFields<Name extends string>(
  error: unknown,
  byCode: Readonly<Record<string, Name>>,
  names: readonly Name[],
  t: TFunction,
): Partial<Record<Name, string>> | null {
  const found: Partial<Record<Name, string>> = {};
  const about = error instanceof Problem ? byCode[error.code] : undefined;
  if (about) found[about] = problemText(error, t);
  for (const [path, rule] of brokenRules(error, t)) {
    // A path into a list belongs to the list.
    const name = names.find((each) => path === each || path.startsWith(`${each}.`));
    if (name) found[name] ??= rule;
  }
  return names.some((name) => name in found) ? found : null;
}
