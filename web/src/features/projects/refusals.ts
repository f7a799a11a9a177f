import type { TFunction } from 'i18next';
import { refusedFields } from '@/shared/i18n/brokenRules';
import type { SettingName } from './settings';

const SETTING_OF: Readonly<Record<string, SettingName>> = {
  branch_name_invalid: 'defaultBranch',
  no_default_branch: 'defaultBranch',
  default_branch_is_staging: 'defaultBranch',
  namespace_taken: 'k8sNamespace',
};

const FIELDS = ['name', 'repo', 'key'] as const;

const FIELD_OF: Readonly<Record<string, (typeof FIELDS)[number]>> = {
  project_key_taken: 'key',
  key_needed: 'key',
  repository_taken: 'repo',
  repository_elsewhere: 'repo',
  empty_repository: 'repo',
  upstream_away: 'repo',
  upstream_branch_missing: 'repo',
  upstream_empty: 'repo',
  upstream_invalid: 'repo',
  upstream_missing: 'repo',
  upstream_no_repository: 'repo',
  upstream_sha256: 'repo',
  upstream_shallow: 'repo',
  upstream_unreadable: 'repo',
};

/** What the server refused of settings, by their names; null if it is about none of those that were sent. */
export const refusedSettings = (error: unknown, sent: readonly SettingName[], t: TFunction) =>
  refusedFields(error, SETTING_OF, sent, t);

/** What the server refused of a variable; undefined if it is about none. */
export const refusedVariable = (error: unknown, t: TFunction) =>
  refusedFields(error, {}, ['setEnvVars'], t)?.setEnvVars;

/** What the server refused of a new project, by the fields of its form; null if it is about none of them. */
export const refusedProject = (error: unknown, t: TFunction) => refusedFields(error, FIELD_OF, FIELDS, t);
