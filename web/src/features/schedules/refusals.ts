import type { TFunction } from 'i18next';
import { Problem } from '@/shared/api/problem';
import { brokenRules } from '@/shared/i18n/brokenRules';
import { problemText } from '@/shared/i18n/problemText';

type ScheduleField = 'name' | 'robotType' | 'input' | 'cron' | 'timezone';

const BY_CODE: Readonly<Record<string, ScheduleField>> = {
  schedule_exists: 'name',
  unknown_robot_type: 'robotType',
  system_robot_type: 'robotType',
  bad_cron: 'cron',
  bad_timezone: 'timezone',
};

const BY_PATH: Readonly<Record<string, ScheduleField>> = {
  name: 'name',
  cron: 'cron',
  timezone: 'timezone',
  robotType: 'robotType',
  inputData: 'input',
};

export type Refusals = Partial<Record<ScheduleField, string>>;

/** What the server refused of a schedule, by field; null if it is about none of them. */
export function refusalsOf(error: unknown, t: TFunction): Refusals | null {
  if (!(error instanceof Problem)) return null;
  const named = BY_CODE[error.code];
  if (named) return { [named]: problemText(error, t) };
  const found: Refusals = {};
  for (const [path, rule] of brokenRules(error, t)) {
    const { field, within } = placeOf(path);
    if (field) found[field] ??= within ? `${within}: ${rule}` : rule;
  }
  return Object.keys(found).length > 0 ? found : null;
}

/** The field that a path of the request leads to, and what within it is meant, however deep. */
function placeOf(path: string) {
  const [first = '', ...rest] = path.replace(/^robot\./, '').split('.');
  return { field: BY_PATH[first], within: rest.join('.') };
}

/** The input of a robot as it was typed; null where it is no JSON object. */
export function readInput(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text.trim() || '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
