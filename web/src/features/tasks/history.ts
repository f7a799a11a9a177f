import type { TFunction } from 'i18next';
import type { TimelineEntry } from '@/shared/api/types';
import { saying, type Telling, told } from '@/shared/i18n/told';

/** What happened, in the page's language; the server's own sentence where there are no words. */
export function historyText(
  { message, details }: Pick<TimelineEntry, 'message' | 'details'>,
  t: TFunction,
  language: string,
): string {
  const telling = details['told'] as Telling | null | undefined;
  if (!telling) return message;
  const fields = details['fields'];
  if (!Array.isArray(fields)) return saying(message, telling, t);
  const names = fields.map((field) => told('fields', String(field), {}, t) ?? String(field));
  const values = { ...telling.values, fields: new Intl.ListFormat(language).format(names) };
  return saying(message, { ...telling, values }, t);
}
