import type { Project, ProjectChanges } from '@/shared/api/types';
import type { Words } from '@/shared/i18n/words';

/** Settings of a project that are changed in a form: how they are written, and what they become. */
export type SettingName = keyof Project & keyof ProjectChanges & keyof Words['settings']['field'];

/** What a control holds: typed text, a switch, or the chosen of several (null: all). */
export type SettingValue = string | boolean | readonly string[] | null;

export interface Setting {
  name: SettingName;
  kind:
    | 'line'
    | 'code'
    | 'text'
    | 'lines'
    | 'whole'
    | 'dollars'
    | 'switch'
    | 'evidence'
    | 'tools'
    | 'permissions';
  /** It may not be left empty. */
  needed?: boolean;
  least?: number;
  most?: number;
  pattern?: string;
  unit?: 'minutes' | 'seconds' | 'days';
}

/** The settings that one form changes together. */
export const SETTINGS = {
  general: [
    { name: 'name', kind: 'line', needed: true, most: 255 },
    { name: 'description', kind: 'text', most: 64_000 },
  ],
  repository: [
    { name: 'defaultBranch', kind: 'code', needed: true, most: 100 },
    { name: 'pushUpstream', kind: 'switch' },
  ],
  commands: [
    { name: 'setupCommand', kind: 'code', most: 2_000 },
    { name: 'testCommand', kind: 'code', most: 2_000 },
    { name: 'startCommand', kind: 'code', most: 2_000 },
    { name: 'staticRoot', kind: 'code', needed: true, most: 255 },
    { name: 'healthPath', kind: 'code', needed: true, most: 255, pattern: '/.*' },
    { name: 'healthTimeoutSeconds', kind: 'whole', needed: true, least: 1, most: 3_600, unit: 'seconds' },
  ],
  checks: [
    { name: 'evidence', kind: 'evidence' },
    { name: 'evidenceContexts', kind: 'lines' },
    { name: 'closeIssues', kind: 'switch' },
  ],
  agents: [
    { name: 'agentAllow', kind: 'lines' },
    { name: 'mcpTools', kind: 'tools' },
    { name: 'mcpPermissions', kind: 'permissions' },
  ],
  limits: [
    { name: 'wipLimit', kind: 'whole', least: 1, most: 1_000 },
    { name: 'attemptMinutes', kind: 'whole', needed: true, least: 1, most: 10_080, unit: 'minutes' },
    { name: 'attemptCostLimitUsd', kind: 'dollars' },
    { name: 'taskCostLimitUsd', kind: 'dollars' },
    { name: 'dayCostLimitUsd', kind: 'dollars' },
    { name: 'projectCostLimitUsd', kind: 'dollars' },
  ],
  runtime: [
    { name: 'previewEnabled', kind: 'switch' },
    { name: 'dockerImage', kind: 'code', most: 512 },
    { name: 'runAsRoot', kind: 'switch' },
    { name: 'replicas', kind: 'whole', needed: true, least: 1, most: 50 },
    { name: 'cpuLimit', kind: 'code', needed: true, pattern: String.raw`[0-9]{1,6}(\.[0-9]{1,3}|m)?` },
    { name: 'memoryLimit', kind: 'code', needed: true, pattern: '[0-9]{1,12}(Ki|Mi|Gi|K|M|G)?' },
    {
      name: 'k8sNamespace',
      kind: 'code',
      needed: true,
      pattern: String.raw`[a-z0-9]([a-z0-9\-]{0,52}[a-z0-9])?`,
    },
    { name: 'k8sStagingNamespace', kind: 'code', pattern: String.raw`[a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?` },
    { name: 'egress', kind: 'lines' },
    { name: 'manifestsPath', kind: 'code', needed: true, most: 255 },
    { name: 'manifestsImage', kind: 'code', most: 255 },
    { name: 'logsKeptDays', kind: 'whole', least: 1, most: 3_650, unit: 'days' },
  ],
} as const satisfies Record<string, readonly Setting[]>;

export type SettingsGroup = keyof typeof SETTINGS;

/** What the control of a setting holds while nobody has touched it. */
export function valueOf(project: Project, setting: Setting): SettingValue {
  const value = project[setting.name];
  if (setting.kind === 'switch') return value === true;
  if (setting.kind === 'evidence') return value === 'commit_status';
  if (setting.kind === 'tools') return Array.isArray(value) ? value : null;
  if (setting.kind === 'permissions') {
    return Object.entries(project.mcpPermissions).flatMap(([name, granted]) => (granted ? [name] : []));
  }
  if (Array.isArray(value)) return value.join('\n');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** What is sent for a control's value. Empty text means: none. */
function sent(setting: Setting, value: SettingValue): unknown {
  if (setting.kind === 'permissions' && Array.isArray(value)) {
    return Object.fromEntries(value.map((name: string) => [name, true]));
  }
  if (setting.kind === 'evidence') return value === true ? 'commit_status' : 'none';
  if (typeof value !== 'string') return value;
  if (setting.kind === 'lines') return value.split('\n').flatMap((line) => line.trim() || []);
  const text = value.trim();
  if (text === '') return null;
  return setting.kind === 'whole' || setting.kind === 'dollars' ? Number(text) : text;
}

export type Draft = Readonly<Partial<Record<SettingName, SettingValue>>>;

/** The settings of a draft that differ from the project's, as they are sent. */
export function changesOf(project: Project, settings: readonly Setting[], draft: Draft): ProjectChanges {
  const changed = settings.flatMap((setting) => {
    const value = draft[setting.name];
    if (value === undefined) return [];
    const wanted = sent(setting, value);
    return same(wanted, sent(setting, valueOf(project, setting))) ? [] : [[setting.name, wanted] as const];
  });
  return Object.fromEntries(changed);
}

/** What to send to have the project's settings as they were before `changes`. */
export function undoOf(before: Project, changes: ProjectChanges): ProjectChanges {
  const names = Object.keys(changes) as (keyof ProjectChanges & keyof Project)[];
  return Object.fromEntries(names.map((name) => [name, before[name]]));
}

/** Which of the changed settings somebody else has changed too since `read`. */
export function collisions(read: Project, now: Project, changes: ProjectChanges): SettingName[] {
  const names = Object.keys(changes) as SettingName[];
  return names.filter((name) => !same(read[name], now[name]) && !same(now[name], changes[name]));
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
