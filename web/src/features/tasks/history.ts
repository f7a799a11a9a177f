import type { TFunction } from 'i18next';
import type { TimelineEntry } from '@/shared/api/types';
import { told } from '@/shared/i18n/told';

type Facts = Pick<TimelineEntry, 'kind' | 'actor' | 'message' | 'details'>;

/** What happened, in the page's language, with who did it in front; the server's own sentence where there are no words. */
export function historyText(entry: Facts, t: TFunction, language: string): string {
  const { actor, message, details } = entry;
  const colon = message.indexOf(': ');
  const values = {
    ...details,
    actor,
    // What people and agents wrote follows the server's first colon.
    rest: colon < 0 ? null : message.slice(colon + 2),
    reason: heldBecause(details, t),
    fields: fieldsOf(details['fields'], t, language),
  };
  for (const code of codesOf(entry)) {
    const text = told('history', code, values, t);
    if (text !== null) return text;
  }
  return message;
}

/** Names for what happened, the most exact first. */
function codesOf({ kind, details }: Facts): string[] {
  if (kind === 'answered') return [details['status'] === 'skipped' ? 'skipped' : 'answered'];
  if (kind !== 'moved') return [kind];
  const cause = text(details['cause']);
  if (cause === 'give_back') return [text(details['outcome'])];
  return cause === 'cancel' ? ['cancelled_because', cause] : [cause];
}

function heldBecause(details: Facts['details'], t: TFunction): string | null {
  const values = details['waitingDetails'];
  const known = typeof values === 'object' && values !== null ? values : {};
  return told('waiting', text(details['waitingCode']), known as Record<string, unknown>, t);
}

function fieldsOf(fields: unknown, t: TFunction, language: string): string | null {
  if (!Array.isArray(fields)) return null;
  const names = fields.map((field) => told('history', `field.${text(field)}`, {}, t) ?? text(field));
  return new Intl.ListFormat(language).format(names);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
